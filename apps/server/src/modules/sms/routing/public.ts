export { chooseRoute, type RouteCandidate, type RouteChoice } from './model.ts';
