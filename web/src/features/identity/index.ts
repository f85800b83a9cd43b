export { OrganizationSwitcher } from './components/organization-switcher';
