"""English words of change, time and question, by the part they play; no domain words."""

from agentverse.compiler.items import ItemKind, Manner
from agentverse.compiler.tokenizing import singular, word_list

Phrase = tuple[str, ...]


def phrase(text: str) -> Phrase:
    return tuple(singular(word) for word in text.split())


def _phrases(text: str) -> list[Phrase]:
    return [phrase(part.strip()) for part in text.replace("\n", " ").split("|") if part.strip()]


DOWN_VERBS = _phrases(
    """cut | cutting | reduce | reduced | reducing | lower | lowered | lowering | decrease |
    decreased | decreasing | drop | dropped | dropping | fall | fell | fallen | falling |
    decline | declined | declining | shrink | shrank | shrunk | shrinking | slash | slashed |
    slashing | trim | trimmed | trimming | go down | goes down | went down | going down |
    gone down | come down | came down | comes down | coming down | bring down | brought down |
    knock off | knock | knocked | shave | shaved | sink | sank | sunk | sinking | plunge |
    plunged | plummet | plummeted | cheapen | diminish | diminished | lessen | shorten |
    shortened | tumble | tumbled |
    collapse | collapsed | collapsing | crash | crashed | tank | tanked |
    subtract | deduct | deducted | dip | dipped"""
)
UP_VERBS = _phrases(
    """raise | raised | raising | rise | rose | risen | rising | increase | increased |
    increasing | climb | climbed | climbing | hike | hiked | hiking | grow | grew | grown |
    growing | go up | goes up | went up | going up | gone up | jump | jumped | jumping |
    surge | surged | surging | soar | soared | soaring | add | added | adding | push up |
    pushed up | bump up | lengthen | lengthened |
    escalate | escalated | skyrocket | skyrocketed | rocket | spike | spiked |
    inflate | inflated | bring up | put up"""
)
DOWN_NOUNS = _phrases("reduction | decrease | markdown | saving")
UP_NOUNS = _phrases("increase | markup | mark up | increment")
DOWN_ADJECTIVES = _phrases(
    """less than it does now | less than they do now | below today | below now |
    below what it is today |
    cheaper | less than today | less than now | less than before | less expensive |
    less costly | less pricey | off | less | lower | down | fewer | more affordable |
    affordable | back | shorter | quicker | faster | weaker | smaller | reduced | cheap |
    discounted | less dear | inexpensive | more cheap | more cheaper | save | saved |
    saving money | cheaply | more cheaply"""
)
UP_ADJECTIVES = _phrases(
    """more than it does now | more than they do now | above today | above now |
    above what it is today |
    dearer | more than today | more than now | more than before | pricier | costlier |
    more expensive | more costly | more dear | more pricey | more | higher | up | extra |
    expensive | longer | slower | stronger | larger | bigger | greater | additional |
    more expensively | expensiver | costly | dear | pricey"""
)
MONEY_ADJECTIVES = set(
    _phrases(
        """cheaper | less expensive | less costly | less pricey | more affordable | affordable |
    cheap | discounted | dearer | pricier | costlier | more expensive | more costly |
    more dear | more pricey | expensive | costly | dear | pricey | less dear | inexpensive |
    more cheap | more cheaper | expensiver | save | saved | cheaply | more cheaply |
    more expensively"""
    )
)
TIME_ADJECTIVES = set(_phrases("shorter | quicker | faster | longer | slower"))
DOWN_INSTRUMENTS = _phrases(
    """subsidy | subsidies | rebate | grant | discount | voucher | coupon | tax credit |
    tax rebate | tax break | tax relief | tax deduction | incentive | bonus | allowance |
    cashback | cash back | subsidise | subsidize | subsidised | subsidized | subsidising |
    subsidizing | discounted by | price discount | purchase subsidy | purchase grant |
    refund | purchase rebate | purchase incentive | promotion | cover | covering | covered |
    reimburse | reimbursed | reimbursing | reimbursement | refunded | refunding | subvention |
    waive | waived | waiving | absorb | absorbed | absorbing | chip in | chipped in | throw in |
    threw in | kick in | contribute | contributed | contribution | foot | shoulder |
    pay for | pick up"""
)
_AGENTS_PAY = [
    phrase(f"{agent} {verb}")
    for agent in ("state", "government", "city", "council", "employer", "utility")
    for verb in ("pay", "paid", "would pay", "will pay", "fund", "contribute", "cover", "chip in")
]
UP_INSTRUMENTS = _phrases(
    """tax | taxes | taxed | taxing | levy | levies | levied | surcharge | fee | duty | penalty |
    carbon tax | vat | sales tax | carbon levy | toll | tariff | excise | fine | charge |
    carbon fee | carbon price | purchase tax | co 2 tax | co2 tax | green levy |
    environmental tax | extra charge | mark up fee"""
)
INTRO_VERBS = _phrases(
    """introduce | introduced | introducing | impose | imposed | imposing | grant | granted |
    offer | offered | offering | give | given | giving | gave | pay | paying | paid |
    provide | provided | providing | apply | applied | receive | received | receiving | get |
    gets | got | launch | launched | put | slap | slapped | levy | hand out | handed out |
    hand | provides"""
)
NEGATIONS = _phrases(
    """not | never | no | none | nobody | no one | without | instead | instead of | rather than |
    rather | remove | removed | removing | abolish | abolished | abolishing | scrap |
    scrapped | cancel | cancelled | canceled | stop | stopped | avoid | avoided | ban |
    banned | refuse | fail | failed | neither | nor | dont | doesnt | isnt | wont | withdraw |
    withdrawn | eliminate | eliminated | unless | no longer | phase out | phased out |
    hardly | barely | reverse | undo | forbid | forbidden | get rid of | exempt | exempted |
    lift | lifted | repeal | repealed | suspend | suspended | refrain | skip | prevent | revoke"""
)
REMOVALS = _phrases(
    """banning | prohibit | prohibited | prohibiting | outlaw | outlawed | outlawing |
    forbidding | discontinue | discontinued | discontinuing | close | closed | closing |
    close down | closed down | shut | shut down | drop out of the race | dropped out of the race |
    dropped out | withdraw from the race | withdraw from the election | quit the race |
    quit the election | leave the race | leave the market | pull out | pull out of the race |
    pull out of the market | taken off the market | off the market | unavailable |
    not available | no longer available | no longer offered | no longer sold | not offered |
    no longer allowed | not allowed | no longer permitted | not permitted | not possible |
    no longer possible | cease to exist | go out of business | went out of business |
    withdrawn from the market | removed from the market | disappear from the market |
    vanish from the market | out of the race | ceased to exist | stop running | no longer run |
    banned from the market | is no longer an option | not an option | no longer an option"""
)
NO_CHANGE = _phrases(
    """stay the same | stays the same | remain the same | unchanged | stay constant |
    remain constant | keep the same | held constant | hold constant | stay as it is |
    as they are | stay as they are | stay put | do not change | does not change | not change |
    not changed | remain unchanged | stay unchanged | ceteris paribus | all else equal |
    everything else equal | other things equal | all else being equal |
    everything else being equal | stay where it is | without changing anything else |
    nothing else changes | no other change | keep everything else the same | full price |
    back to normal | normal again | back to full price | cost the same | the same as today |
    the same as now | the same as before | cost the same as today | cost the same as now |
    cost the same as before | the same"""
)
VAGUE = _phrases(
    """a bit | slightly | somewhat | a little | a little bit | much | a lot | significantly |
    far | considerably | several | some | substantially | massively | hugely | moderately |
    marginally | up to | at least | at most | more than | less than | strongly | sharply |
    dramatically | few | a few | lots | many | as much as possible | no more than | most |
    part of | tiny | huge | drastically | noticeably | a fraction of | not more than |
    not less than | way | greatly | sometimes | often | usually | gradually | slowly |
    step by step | over time | steadily | progressively | as low as | as high as |
    fewer than | upward of | no less than | or so | or more | or less | half of household |
    minimally | heavily | modestly | over | under | above | below | beneath"""
)
OUTCOMES = _phrases(
    """share | market share | adoption | sale | sales | sell | sold | selling | uptake | demand |
    popularity | win | winning | won | lose | losing | switch | switching | switched |
    choose | chosen | chose | choosing | prefer | preferred | stock | gain | gained |
    gaining | lost | installed base | adopt | adopted | adopting | reach | reaches | reached |
    exceed | exceeded | exceeding | overtake | market | vote | penetration | emission |
    popular | dominate | choice | new installation | number of installation | ridership |
    passenger number | modal split"""
)
OPENERS = _phrases(
    """what if | if | suppose | supposing | imagine | assume | assuming | given | when |
    whenever | what happens if | what happens when | what would happen if |
    what will happen if | once | what would happen when | what will happen when |
    what happen if | in case | in the case | in case of | in the event | in the event of |
    what about | how about | provided | providing | consider | let us say | say | simulate |
    model | test | try | run | please | what would be if |
    evaluate | assess | analyse | analyze | examine | explore |
    provided that | providing that | only if | only when | only once | on condition that |
    on the condition that | as long as | so long as | assuming that | in the event that |
    in case that | given that | what is if |
    what were to happen if | what might happen if | what could happen if |
    what is the effect of | what is the impact of | what would be the effect of |
    what would be the impact of | what will be the effect of | what will be the impact of |
    what are the effects of | what are the consequences of |
    what would be the consequences of | effect of | impact of | consequence of |
    the effect of | the impact of | what follow if | show me what happens if |
    i want to know what happens if | i wonder what would happen if |
    i would like to know what happens if | let us suppose | let us assume | let us imagine |
    under the assumption | on the assumption | scenario | what would it mean if | as soon as |
    what does it mean if | what changes if | what would change if | what will change if | let"""
)
QUERIES = _phrases(
    """how | how many | how much | which | who | whom | whether | will | would | does | do |
    did | is | are | what | why | show | tell | predict | forecast | estimate | calculate |
    compute | compare | i wonder | wonder | i want to know | what share | what happens to |
    where | explain | find | want to see | i would like to know | i am interested in |
    i want to see | we want to know | we would like to know | can you tell me |
    what fraction | what percentage"""
)
AFFECT = _phrases(
    """affect | influence | impact | shift | alter | do to | do for | mean for | bring about |
    result in | lead to | change | transform | make a difference | make sense | matter |
    help | be enough | suffice | pay off | make any difference | be worth it |
    make a big difference | kill off | kill them off | drive out | hurt"""
)
PEOPLE = _phrases(
    """household | people | everyone who | consumer | customer | user | person | citizen |
    resident | inhabitant | buyer | home | family | families | population | anyone who |
    client |
    folk | owner | occupant | taxpayer | adopter |
    traveller | traveler | passenger | commuter | those who | whoever | voter"""
)
EVERYONE = _phrases(
    """everyone | everybody | all household | every household | all people | all consumer |
    all customer | nationwide | everywhere | all region | every region | all segment |
    all resident | the whole population | all citizen | statewide | the entire population |
    each household | whole population | entire population | all user | all traveller |
    all of them | all home | all family | all income group | across the board | countrywide |
    in all region | all over the country | all passenger | the whole state"""
)
COMPLEMENTS = _phrases(
    """everyone else | everybody else | all other household | the other household |
    other household | the rest of the household | the rest of the population | elsewhere |
    everywhere else | the rest of the region | the other region | other region |
    all other region | all the other region | all the other household | all other people |
    the other people | the rest of the people | the other segment | all other segment |
    the other income group | other income group | all other income group | anyone else |
    the rest of the state | the rest of the country | the remaining household |
    the remaining region | all other customer | other customer | the other customer |
    every other household | every other region | all other area | the rest of the segment"""
)
EXCEPT = _phrases(
    """except | except for | excepting | excluding | other than | apart from | but not |
    outside | outside of | aside from | not in | not for | everywhere but | everyone but |
    everybody but | all but | everything but | save for | with the exception of | minus the"""
)
ALL_BUT = _phrases("all but | everything but | everything except | all except | anything but")
BASE = _phrases(
    """of today | of the current | of current | of the present | of the original | of original |
    of the old | of now | of the usual | of the previous | of what it is | of its current |
    of their current | of what they are | of what they cost | of what they cost today |
    of what it cost today | of what it cost | of their present | of its present |
    of it current | of it | of their | of the former | of the existing | of the level |
    of the initial | of current level | as expensive | as much | as high | as costly |
    as dear | as often | as many | as long | as strong | as big | as large | of the price |
    of the cost | of the value | as fast as now | of it present | of it original |
    of their original | of it normal | of the normal | of normal | of baseline |
    of the baseline | as frequently | as quick | of their former | of it former |
    of it initial | of what people pay | of what people pay today | as pricey |
    of the regular | of regular | of its value | of their value | of its level"""
)
FLOORS = _phrases(
    """price floor | floor | minimum | minimum price | minimum cost | min price | at least |
    no less than | not less than | not below | never below | never less than |
    no cheaper than | not fall below | not cost less than | never fall below | no lower than |
    not lower than | never cost less than | lower limit | lower bound"""
)
CAPS = _phrases(
    """cap | capped | capping | price cap | ceiling | price ceiling | maximum | maximum price |
    maximum cost | max price | at most | no more than | not more than | not above |
    never above | limit | limited | not exceed | never exceed | never more than |
    not cost more than | no higher than | not higher than | never cost more than |
    upper limit | upper bound"""
)
FILLERS = _phrases(
    """the | a | an | be | is | are | was | were | been | being | am | become | becomes |
    became | becoming | get | gets | got | getting | gotten | make | makes | made | making |
    turn | turned | would | will | could | should | can | may | might | must | shall | do |
    does | did | have | has | had | having | we | you | i | they would | he | she | there |
    here | so | just | now that | let us | please | kindly | also | too | as well | likewise |
    additionally | moreover | furthermore | in addition | at the same time | simultaneously |
    meanwhile | then | that | which | who | government | state government | state | city |
    council | minister | ministry | policy maker | policymaker | company | companies |
    manufacturer | supplier | producer | seller | retailer | dealer | vendor |
    utility company | politician | parliament | authority | authorities | regulator |
    somebody | someone | programme | program | policy | campaign | scheme | measure |
    intervention | new | newly | today | current | currently | usual | original | overall |
    whole | entire | existing | each | every | any | all | both | only | exactly | about |
    around | roughly | approximately | of | worth | amounting | amount | rate | value |
    level | average | on average | total | see | keep | kept | level of | as | went | go |
    goes | going | gone | come | comes | came | take | takes | took | taken | taking | need |
    needs | want | decide | decided | decides | manage | managed | happen | happens |
    happened | happening | thing | situation | world | case | really | actually | suddenly |
    simply | effectively | again and again | year on year | per unit | apiece | start |
    started | starting | begin | begins | began | it is | possible | us | me | my | our |
    one | ones | eligible | change | changes | changed | changing | set | sets | setting |
    fix | fixed | temporarily | temporary | permanent | mean | meaning | such | own |
    it would | with | per system | enough | sufficient | enough to | one off | one time |
    a capital | capital | statutory | intend | intends | intended | promise | promised |
    competitor | competitors | power company | energy company | lump sum | the first | means |
    a payment | a one off payment | payment of | a sum of | a cheque of | say that |
    hey | hey there | hypothetically | honestly | frankly | what then | i was wondering |
    so i was wondering | you know | just curious | i guess | i think that | if you like |
    if you will | natural | use it to | use this to | utility | firm | shop | municipality |
    would like to see | i like to see | like to see | federal government | namely | i e | e g |
    plan | planned | plans |
    announce | announces | announced | yet | even | still | used to | their system | system |
    systems | costing | work | works | hello | hi | thanks | thank you | question | answer |
    result | results | scenario | multiply | multiplied | multiplying | scale |
    scaled | scaling | bring | brought | bringing | drive | drove | push | pushed | mark |
    marked | move | moved | well | only for | to be | used | ok | okay | face |
    faces | faced | run | already | then on | completely | put | look | right away | meanwhile"""
)
PREPOSITIONS = _phrases(
    """for | in | on | among | within | amongst | across | throughout | inside | into | onto |
    around the | near | upon | toward | towards | per"""
)
INSTRUMENTAL = _phrases(
    "through | via | by means of | because of | due to | thanks to | with | using | owing to"
)
ANDS = _phrases(
    "and | & | plus | as well as | along with | together with | or | combined with | and also"
)
BREAKS = _phrases(
    """but | while | whereas | whilst | however | though | although | because | since | so that |
    in order to | in order that | where"""
)
PURPOSES = frozenset({"so that", "in order to", "in order that"})
RECURRING = _phrases(
    """every year | each year | per year | a year | annually | yearly | every month |
    each month | per month | a month | monthly | every week | per week | each week | a week |
    weekly | daily | every day | each quarter | every quarter | per quarter | quarterly |
    each day | by week | by day | by month |
    per annum | every tick | every time | compounding | compounded | annual | a day | per day"""
)
AGAIN = _phrases("another | a further | further | again | on top | on top of that | a second")


def _lexicon() -> dict[Phrase, tuple[ItemKind, int, Manner, bool]]:
    """Return phrase → (kind, sign, manner, says money); later rows win."""
    table: dict[Phrase, tuple[ItemKind, int, Manner, bool]] = {}

    def put(
        phrases: list[Phrase], kind: ItemKind, sign: int = 0, manner: Manner = "adjective"
    ) -> None:
        for words in phrases:
            table[words] = (kind, sign, manner, words in MONEY_ADJECTIVES)

    put(QUERIES, "filler")
    put(FILLERS, "filler")
    put(PREPOSITIONS, "preposition")
    put(INSTRUMENTAL, "instrumental")
    put(PEOPLE, "people")
    put(VAGUE, "vague")
    put(OUTCOMES, "outcome")
    put(AFFECT, "affect")
    put(INTRO_VERBS, "intro_verb")
    put(UP_ADJECTIVES, "direction", 1)
    put(DOWN_ADJECTIVES, "direction", -1)
    put(UP_VERBS, "direction", 1, "verb")
    put(DOWN_VERBS, "direction", -1, "verb")
    put(UP_NOUNS, "direction", 1, "noun")
    put(DOWN_NOUNS, "direction", -1, "noun")
    put(UP_INSTRUMENTS, "instrument", 1)
    put(DOWN_INSTRUMENTS, "instrument", -1)
    put(_AGENTS_PAY, "instrument", -1)
    put(NEGATIONS, "negation")
    put(NO_CHANGE, "no_change")
    put(EVERYONE, "everyone")
    put(EXCEPT, "except")
    put(BASE, "base")
    put(FLOORS, "floor")
    put(CAPS, "cap")
    put(RECURRING, "recurring")
    put(AGAIN, "again")
    put(ANDS, "and")
    put(BREAKS, "break")
    put(OPENERS, "opener")
    put(_phrases("than | as"), "than")
    put(
        _phrases("as today | as now | as before | as they do now | as at present | as it is"),
        "filler",
    )
    put(
        _phrases("than now | than today | than before | than currently | than at present"),
        "filler",
    )
    put(
        _phrases("than it is | than they are | than usual | than it was | than this year"), "filler"
    )
    put(_phrases("to | at a level of | down to | up to a level of | to a level of"), "to")
    put(_phrases("by"), "by")
    put(_phrases("from"), "from")
    put(_phrases("at | is | equal | equal to | become | stand at | for only | for just"), "at")
    put(
        _phrases("off | switched off | turned off | disabled | switch off | turn off"),
        "direction",
        -1,
    )
    put(
        _phrases(
            "switched off | turned off | disabled | switch off | turn off | disable | vanish | "
            "disappear | vanished | disappeared | shut off | drop out | deactivated"
        ),
        "off_switch",
    )
    put(_phrases("they | them | it | their | these | those | its | he"), "pronoun")
    put(REMOVALS, "removal")
    put(COMPLEMENTS, "complement")
    put(
        _phrases(
            "the other | the others | other | others | the rest | remaining | everything else"
        ),
        "others",
    )
    put(_phrases("respectively"), "respectively")
    return table


LEXICON = _lexicon()
LONGEST = max(len(words) for words in LEXICON)
PEOPLE_VERBS = {"buy", "purchase", "install", "run", "operate", "use", "own", "get", "take"}
FOREIGN = frozenset(
    word_list(
        """der die das und wenn wie ist nicht ein eine mit von für sind werden wird was wäre um
    el los las que si qué una por para con del costo precio sube baja más menos le les des
    est une pour avec dans sur coûte prix quoi moins chère il che di della sono costa
    prezzo meno più se per een het van niet wat als voor goedkoper billiger teurer
    wärmepumpe wärmepumpen bomba calor pompe chaleur ab monat mes mois"""
    )
)
ENGLISH = frozenset(
    word_list(
        """the a an of and if what to in for by from is are were with on more less cheaper than
    month months cost costs how would does price"""
    )
)
SCOPE_NOUNS = frozenset(
    word_list("""region area zone segment group bracket county district part""")
)
ASKING = frozenset(
    word_list("""know wonder curious interested ask asks asked asking see learn understand""")
)
MULTIPLIERS = frozenset(["multiply", "multiplied", "multiplying", "scale", "scaled", "scaling"])
FUEL_WORDS = frozenset(
    {"gas", "oil", "electricity", "power", "petrol", "gasoline", "diesel", "coal"}
)
