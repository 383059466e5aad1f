import type { DescribedReview } from '../../../modules/trust/approvals/public.ts';
import type { ConsoleApiDeps } from '../deps.ts';
import type { Handlers } from '../operation-call.ts';

const shown = ({ openedAt, dueAt, decidedAt, ...review }: DescribedReview) => ({
  ...review,
  openedAt: openedAt.toISOString(),
  dueAt: dueAt.toISOString(),
  decidedAt: decidedAt?.toISOString() ?? null,
});

export function reviewHandlers({
  approvals,
}: ConsoleApiDeps): Pick<Handlers, 'listReviews' | 'decideReview'> {
  return {
    async listReviews({ query }) {
      const page = await approvals.list(query);
      return { ...page, items: page.items.map(shown) };
    },
    async decideReview({ params, body }, { user }) {
      return shown(await approvals.decide({ reviewId: params.id, principal: user, ...body }));
    },
  };
}
