import type { DescribedReview } from '../../../modules/trust/approvals/public.ts';
import { DomainError } from '../../../platform/domain-error.ts';
import type { ConsoleApiDeps } from '../deps.ts';
import { CONSOLE_ERRORS } from '../errors.ts';
import type { Handlers } from '../operation-call.ts';

const shown = ({ openedAt, dueAt, decidedAt, ...review }: DescribedReview) => ({
  ...review,
  openedAt: openedAt.toISOString(),
  dueAt: dueAt.toISOString(),
  decidedAt: decidedAt?.toISOString() ?? null,
});

type ReviewOperation = 'listReviews' | 'readReviewFile' | 'decideReview';

export function reviewHandlers({ approvals, signatures }: ConsoleApiDeps): Pick<Handlers, ReviewOperation> {
  return {
    async listReviews({ query }) {
      const page = await approvals.list(query);
      return { ...page, items: page.items.map(shown) };
    },
    async readReviewFile({ params: { id, position } }, { actor }) {
      const { subject, subjectId, tenantId } = await approvals.subjectOf(id);
      if (subject === 'signature') return signatures.readFile(tenantId, subjectId, position, actor);
      throw new DomainError(CONSOLE_ERRORS.noSuchFile, 'No files belong to this review.');
    },
    async decideReview({ params, body }, { user }) {
      return shown(await approvals.decide({ reviewId: params.id, principal: user, ...body }));
    },
  };
}
