import type { ParsedTemplate, TemplateKind, VariableRules } from '@signet/sms-text';

/** The state table is trust/approvals (model.ts, APPROVAL_STATES). */
export type TemplateState = 'in_review' | 'approved' | 'rejected' | 'withdrawn';

/** What the accept path judges and renders by: steps 5 and 6 of docs/life-of-a-message.md. */
export type SendableTemplate = {
  id: string;
  code: string;
  kind: TemplateKind;
  state: TemplateState;
  template: ParsedTemplate;
  rules: VariableRules;
  /** The one signature that the template may go out under; null for any of the tenant's. */
  relatedSignName: string | null;
};
