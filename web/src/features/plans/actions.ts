/** What somebody may do, as a form makes it: of plans, and of actors who react. */
import type { ActionWire } from '@/api/generated/types.gen';

export const operations = { set: 'set to', multiply: 'multiply by', add: 'add' } as const;
export type Operation = keyof typeof operations;

/** One thing that may be done; numbers are texts while they are typed. */
export interface ActionDraft {
  key: number;
  name: string;
  variable: string;
  operation: Operation;
  value: string;
  money: string;
}

export function emptyAction(key: number, variable: string): ActionDraft {
  return { key, name: '', variable, operation: 'multiply', value: '', money: '' };
}

/** What is wrong, by field; fields of an action by its place: `actions.0.name`. */
export type FieldErrors = Readonly<Record<string, string>>;

export function actionErrors(actions: readonly ActionDraft[]): FieldErrors {
  const errors: Record<string, string> = {};
  const names = actions.map((action) => action.name.trim());
  actions.forEach((action, index) => {
    const name = names[index] ?? '';
    if (name === '') errors[`actions.${index}.name`] = 'Give it a name.';
    else if (names.indexOf(name) !== index) errors[`actions.${index}.name`] = 'Named twice.';
    if (!isNumber(action.value)) errors[`actions.${index}.value`] = 'A number is missing.';
    if (!isBlank(action.money) && !(Number(action.money) >= 0)) {
      errors[`actions.${index}.money`] = 'A cost is zero or more.';
    }
  });
  return errors;
}

export function actionOf({ name, variable, operation, value, money }: ActionDraft): ActionWire {
  return {
    name: name.trim(),
    money: Number(money),
    effects: [{ event_scripts: [{ variable, operation, value: Number(value) }] }],
  };
}

export const isBlank = (text: string) => text.trim() === '';
export const isNumber = (text: string) => !isBlank(text) && Number.isFinite(Number(text));
