import { MAX_MESSAGE_CHARACTERS, renderTemplate, segmentText, visibleText } from '@signet/sms-text';
import { type Refusal, refuse } from '../errors.ts';
import type { Candidate } from '../model.ts';
import type { Step } from './step.ts';

/** Step 6: the text as the phone will show it, and in how many segments. */
export const render: Step = ({ list }) => {
  let before: Candidate | undefined;
  for (const candidate of list) {
    // A call to many numbers with one template and one set of variables has one text.
    if (before !== undefined && sameText(before, candidate)) {
      candidate.text = before.text;
      candidate.segmentCount = before.segmentCount;
      continue;
    }
    const { template, signature, wanted } = candidate;
    const rendered = renderTemplate(template.template, wanted.params, template.rules);
    if (!rendered.ok) return problem(rendered.problem, rendered.variable);
    const text = visibleText(signature.name, rendered.text);
    if (text.length > MAX_MESSAGE_CHARACTERS) {
      return refuse(
        'message.variable_too_long',
        `短信长度超出${MAX_MESSAGE_CHARACTERS}字 (the text is longer than ${MAX_MESSAGE_CHARACTERS} characters)`,
      );
    }
    candidate.text = text;
    candidate.segmentCount = segmentText(text, { domestic: candidate.domestic }).count;
    before = candidate;
  }
  return undefined;
};

const sameText = (a: Candidate, b: Candidate): boolean =>
  a.wanted.params === b.wanted.params &&
  a.template === b.template &&
  a.signature === b.signature &&
  a.domestic === b.domestic;

function problem(kind: 'missing' | 'illegal' | 'too_long' | 'has_url', variable: string): Refusal {
  switch (kind) {
    case 'missing':
      return refuse(
        'message.variable_missing',
        `模板变量 ${variable} 缺少对应的参数值 (variable ${variable} has no value)`,
      );
    case 'illegal':
      return refuse(
        'message.variable_illegal',
        `模板变量 ${variable} 的参数值不符合规则 (the value of ${variable} breaks its rule)`,
      );
    case 'too_long':
      return refuse(
        'message.variable_too_long',
        `模板变量 ${variable} 的参数值过长 (the value of ${variable} is too long)`,
      );
    case 'has_url':
      return refuse(
        'message.variable_has_url',
        `模板变量 ${variable} 不支持传入链接 (the value of ${variable} holds a link)`,
      );
  }
}
