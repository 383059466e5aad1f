import { type Candidates, marketingNotBefore } from '../model.ts';
import type { Step, StepDeps } from './step.ts';

/**
 * Step 7: opt-out, allow-list, hours. Opt-out stops marketing to that recipient only: codes and notices are sent on the
 * receiver's own doing (MIIT order 31: consent is about commercial messages).
 */
export const checkOptOut: Step = (candidates, deps) => {
  const exempt = deps.exemptNumbers(candidates.call.tenantId);
  if (!(exempt instanceof Promise) && !candidates.list.some((one) => one.template.kind === 'marketing')) {
    markExempt(candidates, exempt);
    return undefined;
  }
  return checkMarketing(candidates, deps, exempt);
};

function markExempt({ list }: Candidates, exempt: ReadonlySet<string> | undefined): void {
  if (exempt === undefined || exempt.size === 0) return;
  for (const candidate of list) candidate.exempt = exempt.has(candidate.numberKey.toString('hex'));
}

async function checkMarketing(
  candidates: Candidates,
  deps: StepDeps,
  exempt: ReturnType<StepDeps['exemptNumbers']>,
): Promise<undefined> {
  markExempt(candidates, await exempt);
  const marketing = candidates.list.filter((candidate) => candidate.template.kind === 'marketing');
  if (marketing.length === 0) return;
  const optedOut = await deps.optedOut(
    candidates.call.tenantId,
    marketing.map((candidate) => candidate.numberKey),
  );
  for (const candidate of marketing) {
    candidate.optedOut = optedOut.has(candidate.numberKey.toString('hex'));
    candidate.notBefore = marketingNotBefore(candidates.now);
  }
}
