export {
  type ActionDraft,
  actionErrors,
  actionOf,
  emptyAction,
  type FieldErrors,
  isBlank,
  isNumber,
} from './actions';
export { ActionRows, type MoreProps, QuantityOptions } from './components/action-rows';
