import { refuse } from '../errors.ts';
import type { Candidate } from '../model.ts';
import type { Step } from './step.ts';

/** Step 8: the text as it will be read, judged with reasons. `block` refuses the call, `review` holds the recipient. */
export const screenContent: Step = ({ list }, deps) => {
  let before: Candidate | undefined;
  for (const candidate of list) {
    if (before !== undefined && before.text === candidate.text && before.template === candidate.template) {
      candidate.held = before.held;
      continue;
    }
    const screening = deps.screen(candidate.text, {
      messageKind: candidate.template.kind,
      signName: candidate.signature.name,
    });
    if (screening.verdict === 'block') {
      return refuse(
        'message.content_forbidden',
        `短信内容包含禁止发送内容 (the text is not allowed: ${screening.labels.join(', ')}; change it or ask for a review)`,
      );
    }
    candidate.held =
      screening.verdict === 'review' ? { labels: screening.labels, spans: screening.spans } : null;
    before = candidate;
  }
  return undefined;
};
