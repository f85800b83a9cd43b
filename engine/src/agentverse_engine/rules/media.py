"""Campaigns: contacts that accumulate and decay, habituation to them, and persuasion."""

from agentverse_engine.numerics.compiled import inlined
from agentverse_engine.rules.rule import Rule


@inlined
def exposed(
    exposure: float,
    campaign_for: float,
    campaign_against: float,
    media_use: float,
    exposure_memory: float,
) -> float:
    """Return the stock of contacts, above 0 in favour: the two sides of a campaign offset."""
    return exposure_memory * exposure + media_use * (campaign_for - campaign_against)


@inlined
def habituated(
    receptivity: float,
    campaign_for: float,
    campaign_against: float,
    media_use: float,
    contact_half_saturation: float,
    habituation_speed: float,
    habituation_recovery: float,
) -> float:
    """Return the receptivity, 0 to 1: it falls with recent contacts and recovers without."""
    contacts = media_use * (campaign_for + campaign_against)
    stimulus = contacts / (contact_half_saturation + contacts)
    change = habituation_recovery * (1.0 - receptivity) - stimulus
    return min(1.0, max(0.0, receptivity + habituation_speed * change))


@inlined
def persuaded(
    new_opinion: float,
    new_exposure: float,
    receptivity: float,
    persuasion_rate: float,
    contact_half_saturation: float,
) -> float:
    """Return the opinion, 0 to 1, moved by a share of its distance to the campaign's end."""
    dose = abs(new_exposure) / (contact_half_saturation + abs(new_exposure))
    share = persuasion_rate * receptivity * dose
    kept = (1.0 - share) * new_opinion
    return kept + share if new_exposure > 0.0 else kept


MEDIA_EXPOSURE = Rule(
    name="media_exposure",
    function=exposed,
    writes=("exposure",),
    equation="A_i' = lambda A_i + use_i (contacts for - contacts against)",
    source="Koyck 1954; messages of two sides offset: Chong & Druckman 2007",
)
MEDIA_HABITUATION = Rule(
    name="media_habituation",
    function=habituated,
    writes=("receptivity",),
    equation="h_i' = h_i + tau (alpha (1 - h_i) - S_i), 0 to 1; S_i = c / (K + c), c the contacts",
    source="Stanley 1976; Rankin et al. 2009",
)
MEDIA_PERSUASION = Rule(
    name="media_persuasion",
    function=persuaded,
    writes=("opinion",),
    equation="x_i' = x_i + f h_i |A_i| / (K + |A_i|) (end - x_i); end 1 where A_i > 0, else 0",
    source="persuasion rate f of DellaVigna & Gentzkow 2010; saturating response: Hill 1910",
)
