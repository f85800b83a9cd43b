export { ActivityMenu } from './components/activity-menu';
