export { QUALIFICATION_ERRORS } from './errors.ts';
export type { Qualification, QualificationDraft } from './model.ts';
export { createRegistration, type Page, type Registration } from './service.ts';
