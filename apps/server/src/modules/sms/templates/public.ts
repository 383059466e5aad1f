export { TEMPLATE_ERRORS } from './errors.ts';
export {
  hasOptOutLine,
  type SendableTemplate,
  type Template,
  type TemplateDraft,
  type TemplateState,
  type TemplateSupplement,
} from './model.ts';
export {
  createTemplates,
  type ScreenTemplate,
  type TemplateQuery,
  type Templates,
  type Which,
} from './service.ts';
