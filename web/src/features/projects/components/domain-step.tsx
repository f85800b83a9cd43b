import { useQuery } from '@tanstack/react-query';
import type { DomainTemplate, TemplateOption } from '@/api/generated/types.gen';
import { plainWords, sentenceCase, templatesOptions } from '@/features/runs';
import { list } from '@/lib/format';
import { Badge } from '@/ui/badge';
import { Button } from '@/ui/button';
import { Field, Select } from '@/ui/field';
import { Panel } from '@/ui/panel';
import { Resource } from '@/ui/resource';
import { ErrorState } from '@/ui/states';
import { type Chosen, chosenOf, domainOf, OF_DOMAIN, startShares } from '../draft';
import { unknownDomain } from '../wording';
import type { StepProps } from './goal-step';
import { RolesPanel } from './roles-panel';

/** What is simulated: which rules these people live by. */
export function DomainStep(props: StepProps) {
  const templates = useQuery(templatesOptions());
  return (
    <Resource query={templates}>
      {(found) => {
        const chosen = chosenOf(props.draft, found);
        return (
          <div className="grid gap-4">
            <Panel
              title="What is simulated"
              caption="The same people can live by different rules, one set per project."
            >
              <Templates templates={found} chosen={chosen} {...props} />
            </Panel>
            {chosen ? (
              <>
                <RolesPanel chosen={chosen} {...props} />
                <Consequences chosen={chosen} {...props} />
              </>
            ) : (
              <ErrorState
                problem={unknownDomain}
                action={
                  <Button size="small" onClick={() => props.onChange(OF_DOMAIN)}>
                    Use the domain’s own options
                  </Button>
                }
              />
            )}
          </div>
        );
      }}
    </Resource>
  );
}

interface TemplatesProps extends StepProps {
  templates: readonly DomainTemplate[];
  chosen: Chosen | undefined;
}

function Templates({ templates, chosen, draft, errors, onChange }: TemplatesProps) {
  return (
    <fieldset className="grid gap-2 md:grid-cols-2">
      <legend className="sr-only">Domain</legend>
      {templates.map((template) => (
        <TemplateCard
          key={template.name}
          template={template}
          isChosen={template.name === domainOf(draft)}
          // The chosen options may leave it without one.
          hasClosedForm={(template === chosen?.template ? chosen.variant : template).closed_form}
          onChoose={() => onChange({ ...OF_DOMAIN, domain: template.name })}
        />
      ))}
      {errors.domain_template ? (
        <p role="alert" className="text-control text-bad">
          {errors.domain_template}
        </p>
      ) : null}
    </fieldset>
  );
}

interface TemplateCardProps {
  template: DomainTemplate;
  isChosen: boolean;
  hasClosedForm: boolean;
  onChoose: () => void;
}

function TemplateCard({ template, isChosen, hasClosedForm, onChoose }: TemplateCardProps) {
  const { name, label, description, tick_unit } = template;
  return (
    <label
      className={`grid cursor-pointer grid-cols-[auto_minmax(0,1fr)] content-start gap-x-3 gap-y-1 rounded-md border px-3 py-2.5 has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent ${
        isChosen ? 'border-accent bg-s2' : 'border-line hover:border-edge hover:bg-s2'
      }`}
    >
      <input
        type="radio"
        name="domain"
        value={name}
        checked={isChosen}
        onChange={onChoose}
        aria-describedby={`domain-${name}`}
        className="mt-1 size-4 outline-none"
      />
      <span className="flex flex-wrap items-center gap-2">
        <span className="text-body font-medium">{label}</span>
        <Badge>{tick_unit}s</Badge>
        {hasClosedForm ? <Badge>closed form</Badge> : null}
      </span>
      <span id={`domain-${name}`} className="col-start-2 text-control text-t2">
        {description}
      </span>
    </label>
  );
}

/** The options of the domain, and what a run of it will hold. */
function Consequences({ chosen, ...props }: StepProps & { chosen: Chosen }) {
  const { template, variant } = chosen;
  const surveyed = template.name === 'consumer_choice';
  return (
    <Panel title={template.label} caption={`Social rules: ${variant.social_rules}`}>
      <div className="grid gap-4">
        {template.options.length > 0 ? (
          <div className="grid gap-4 sm:grid-cols-2">
            {template.options.map((option) => (
              <OptionField key={option.name} option={option} {...props} />
            ))}
          </div>
        ) : null}
        <dl className="grid gap-x-4 gap-y-3 text-control sm:grid-cols-2">
          <div>
            <dt className="text-t3">
              {variant.alternatives.length > 0 ? 'People are, at any time' : 'People choose among'}
            </dt>
            <dd className="text-t1">
              {variant.alternatives.length > 0
                ? list(
                    variant.alternatives.map((entry) => entry.label),
                    'disjunction',
                  )
                : 'the alternatives of their survey'}
            </dd>
          </div>
          {variant.levels.length > 0 ? (
            <div>
              <dt className="text-t3">And everybody has</dt>
              <dd className="text-t1">{list(variant.levels.map((entry) => entry.label))}</dd>
            </div>
          ) : null}
          <div>
            <dt className="text-t3">They start</dt>
            <dd className="text-t1">
              {startShares(chosen)
                ? 'with the shares of the next step'
                : template.start_source
                  ? `from ${template.start_source}`
                  : 'with what their survey says'}
            </dd>
          </div>
          <div>
            <dt className="text-t3">Results are shares of</dt>
            <dd className="text-t1">
              {list(variant.metrics.map((metric) => (surveyed ? plainWords[metric] : 'people')))}
            </dd>
          </div>
          {template.closed_form ? (
            <div>
              <dt className="text-t3">A closed form checks them</dt>
              <dd className="text-t1">
                {variant.closed_form ? 'without the social rules' : 'not with these options'}
              </dd>
            </div>
          ) : null}
        </dl>
      </div>
    </Panel>
  );
}

function OptionField({ option, draft, errors, onChange }: StepProps & { option: TemplateOption }) {
  const { name, label, choices, default: standard } = option;
  const value = draft.options?.[name] ?? standard;
  const choose = (chosen: string) =>
    onChange({
      ...OF_DOMAIN,
      options:
        chosen === standard ? without(draft.options, name) : { ...draft.options, [name]: chosen },
    });
  return (
    <Field label={sentenceCase(label)} error={errors[`template_options.${name}`]}>
      <Select value={value} onChange={(event) => choose(event.target.value)}>
        {choices.map((choice) => (
          <option key={choice.name} value={choice.name}>
            {sentenceCase(choice.label)}
          </option>
        ))}
      </Select>
    </Field>
  );
}

/** Nothing left is nothing at all, so that the address stays short. */
function without(
  options: Record<string, string> | undefined,
  name: string,
): Record<string, string> | undefined {
  const rest = Object.entries(options ?? {}).filter(([key]) => key !== name);
  return rest.length > 0 ? Object.fromEntries(rest) : undefined;
}
