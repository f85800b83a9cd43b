export { OrganizationSwitcher } from './components/organization-switcher';
export { meOptions } from './queries';
export { useLeave } from './use-leave';
