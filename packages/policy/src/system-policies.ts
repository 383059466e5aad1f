/** A policy that every account has and nobody edits; `document` is its wire form, for `readPolicy` and GetPolicy. */
export type SystemPolicy = {
  name: string;
  description: string;
  document: {
    Version: '1';
    Statement: readonly { Effect: 'Allow' | 'Deny'; Action: string | readonly string[]; Resource: string }[];
  };
};

/** Alibaba's system policies for the SMS service, by their names there. */
export const SYSTEM_POLICIES: readonly SystemPolicy[] = [
  {
    name: 'AliyunDysmsReadOnlyAccess',
    description: 'Read everything of the SMS service',
    document: {
      Version: '1',
      Statement: [{ Effect: 'Allow', Action: ['dysms:Query*', 'dysms:Get*', 'dysms:List*'], Resource: '*' }],
    },
  },
  {
    name: 'AliyunDysmsFullAccess',
    description: 'Do everything in the SMS service',
    document: { Version: '1', Statement: [{ Effect: 'Allow', Action: 'dysms:*', Resource: '*' }] },
  },
];
