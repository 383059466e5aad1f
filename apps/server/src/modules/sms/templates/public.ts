export type { SendableTemplate, TemplateState } from './model.ts';
