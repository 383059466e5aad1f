import type { Signature } from '../../../modules/sms/signatures/public.ts';
import type { Template } from '../../../modules/sms/templates/public.ts';
import type { ConsoleApiDeps } from '../deps.ts';
import type { Handlers } from '../operation-call.ts';

type RegistrationOperation =
  | 'listQualifications'
  | 'createQualification'
  | 'listSignatures'
  | 'createSignature'
  | 'deleteSignature'
  | 'listTemplates'
  | 'createTemplate'
  | 'updateTemplate'
  | 'deleteTemplate';

const dated = <Row extends { createdAt: Date; decidedAt: Date | null }>(row: Row) => ({
  ...row,
  createdAt: row.createdAt.toISOString(),
  decidedAt: row.decidedAt?.toISOString() ?? null,
});
const ofSignature = ({ orderId: _, supplement: __, ...signature }: Signature) => dated(signature);
const ofTemplate = ({ orderId: _, supplement: __, ...template }: Template) => dated(template);

export function registrationHandlers(deps: ConsoleApiDeps): Pick<Handlers, RegistrationOperation> {
  const { registration, signatures, templates } = deps;
  return {
    async listQualifications({ params }) {
      return { items: (await registration.list(params.tenantId)).items.map(dated) };
    },
    async createQualification({ params, body }, { actor }) {
      return dated(await registration.create(params.tenantId, body, actor));
    },
    async listSignatures({ params }) {
      return { items: (await signatures.list(params.tenantId)).items.map(ofSignature) };
    },
    async createSignature({ params, body }, { actor }) {
      return ofSignature(await signatures.create(params.tenantId, body, actor));
    },
    async deleteSignature({ params }, { actor }) {
      await signatures.remove(params.tenantId, { id: params.id }, actor);
      return { ok: true };
    },
    async listTemplates({ params }) {
      return { items: (await templates.list(params.tenantId)).items.map(ofTemplate) };
    },
    async createTemplate({ params, body }, { actor }) {
      return ofTemplate(await templates.create(params.tenantId, body, actor));
    },
    async updateTemplate({ params, body }, { actor }) {
      return ofTemplate(await templates.update(params.tenantId, { id: params.id }, body, actor));
    },
    async deleteTemplate({ params }, { actor }) {
      await templates.remove(params.tenantId, { id: params.id }, actor);
      return { ok: true };
    },
  };
}
