import type { Action } from '../dispatch.ts';
import { withBusinessErrors } from './business-errors.ts';
import type { DysmsDeps } from './deps.ts';
import { querySendDetails } from './query-send-details.ts';
import { querySendStatistics } from './query-send-statistics.ts';
import { sendBatchSms } from './send-batch-sms.ts';
import { sendSms } from './send-sms.ts';
import { signActions } from './signs.ts';
import { templateActions } from './templates.ts';

/** The rows of dysms 2017-05-25 (reference §7, tier must); the other actions answer InvalidAction.NotFound. */
export const dysmsActions = (deps: DysmsDeps): readonly Action[] =>
  [
    sendSms(deps),
    sendBatchSms(deps),
    querySendDetails(deps),
    querySendStatistics(deps),
    ...signActions(deps),
    ...templateActions(deps),
  ].map(withBusinessErrors);
