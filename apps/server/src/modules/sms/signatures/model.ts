/** Whether the signature may be used now; the state table is trust/approvals (model.ts, APPROVAL_STATES). */
export type SignatureState = 'in_review' | 'approved' | 'rejected' | 'withdrawn';

/** What the accept path judges by: step 5 of docs/life-of-a-message.md. */
export type SendableSignature = {
  id: string;
  name: string;
  /** May be used with templates for codes only (SignType 0). */
  codeOnly: boolean;
  state: SignatureState;
  qualificationApproved: boolean;
};
