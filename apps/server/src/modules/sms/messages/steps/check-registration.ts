import type { SendableSignature } from '../../signatures/public.ts';
import type { SendableTemplate } from '../../templates/public.ts';
import { type Refusal, refuse } from '../errors.ts';
import type { Candidate } from '../model.ts';
import type { Step } from './step.ts';

/** Step 5: signature, template and qualification are the tenant's own, approved, and fit each other and the number. */
export const checkRegistration: Step = ({ call, list }, deps) => {
  // Most calls have one signature and one template for all: they are looked up once, and at once when in memory.
  const signatures = new Map<string, SendableSignature | undefined>();
  const templates = new Map<string, SendableTemplate | undefined>();
  const lookups: Promise<unknown>[] = [];
  for (const { wanted } of list) {
    if (!signatures.has(wanted.signName)) {
      const found = deps.signature(call.tenantId, wanted.signName);
      signatures.set(wanted.signName, undefined);
      if (found instanceof Promise)
        lookups.push(found.then((value) => signatures.set(wanted.signName, value)));
      else signatures.set(wanted.signName, found);
    }
    if (!templates.has(wanted.templateCode)) {
      const found = deps.template(call.tenantId, wanted.templateCode);
      templates.set(wanted.templateCode, undefined);
      if (found instanceof Promise)
        lookups.push(found.then((value) => templates.set(wanted.templateCode, value)));
      else templates.set(wanted.templateCode, found);
    }
  }
  const judge = (): Refusal | undefined => {
    for (const candidate of list) {
      const { signName, templateCode } = candidate.wanted;
      const refusal = judgeOne(candidate, signatures.get(signName), templates.get(templateCode));
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  };
  return lookups.length === 0 ? judge() : Promise.all(lookups).then(judge);
};

function judgeOne(
  candidate: Candidate,
  signature: SendableSignature | undefined,
  template: SendableTemplate | undefined,
): Refusal | undefined {
  if (signature === undefined || signature.state !== 'approved' || !signature.qualificationApproved) {
    return refuse(
      'message.signature_unusable',
      '该账号下找不到对应签名或签名未审核通过 (no approved signature of this name)',
    );
  }
  if (template === undefined || template.state !== 'approved') {
    return refuse(
      'message.template_unusable',
      '该账号下找不到对应模板或模板未审核通过 (no approved template of this code)',
    );
  }
  if (signature.codeOnly && template.kind !== 'code') {
    return refuse(
      'message.signature_scene',
      '签名的使用场景与模板类型不一致 (this signature is for verification codes only)',
    );
  }
  if (template.relatedSignName !== null && template.relatedSignName !== signature.name) {
    return refuse(
      'message.template_unusable',
      '模板未关联该签名 (this template belongs to another signature)',
    );
  }
  if (template.kind === 'international' && candidate.domestic) {
    return refuse(
      'message.domestic_number',
      '国际/港澳台模板不支持发送境内号码 (an international template cannot go to a number in China)',
    );
  }
  if (template.kind !== 'international' && !candidate.domestic) {
    return refuse(
      'message.number_illegal',
      '国内模板不支持发送境外号码 (this template reaches numbers in China only)',
    );
  }
  candidate.signature = signature;
  candidate.template = template;
  return undefined;
}
