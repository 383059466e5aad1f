import { DomainError } from '../../../platform/domain-error.ts';
import { TEMPLATE_ERRORS } from './errors.ts';
import {
  type DraftFault,
  faultOfDraft,
  MAX_NAME_CHARACTERS,
  MAX_REMARK_CHARACTERS,
  type TemplateDraft,
} from './model.ts';

const CONTENT: Readonly<Record<Extract<DraftFault, { about: 'content' }>['fault'], string>> = {
  empty: 'The template has no text; write one.',
  too_long: 'A template has at most 500 characters; shorten it.',
  unbalanced:
    'The braces of the template do not pair; write each variable as a dollar sign and its name in braces.',
  nested: 'A variable stands inside another; write each by itself.',
  bad_name: 'A variable is named by a letter and at most 31 letters, digits or underscores; rename it.',
  full_variable: 'A template needs fixed text besides its variables; add some.',
  opt_out_missing: 'Marketing says how to refuse it; end the text with 拒收请回复R.',
  brackets: 'The brackets 【】 belong to the signature alone; take them out of the text.',
};

const VARIABLES: Readonly<Record<Extract<DraftFault, { about: 'variables' }>['fault'], string>> = {
  not_json: 'The variable rules are not JSON; write {"name":"type"}.',
  not_an_object: 'The variable rules are one JSON object; write {"name":"type"}.',
  too_many: 'There are too many variable rules; leave some out.',
  bad_name: 'A variable rule has an impossible name; rename it.',
  unknown_type: 'A variable rule names an unknown type; use one of the documented ones.',
  not_in_content:
    'A variable rule is for a variable that the text does not have; take it out or add the variable.',
};

/** The refusal that an application earns; undefined when a reviewer may look at it. */
export function refusalOfDraft(draft: TemplateDraft): DomainError | undefined {
  const found = faultOfDraft(draft);
  if (found === undefined) return undefined;
  switch (found.about) {
    case 'content':
      return new DomainError(TEMPLATE_ERRORS.contentIllegal, CONTENT[found.fault], { fault: found.fault });
    case 'variables':
      return new DomainError(TEMPLATE_ERRORS.variablesIllegal, VARIABLES[found.fault], {
        fault: found.fault,
        ...(found.variable === undefined ? {} : { variable: found.variable }),
      });
    case 'name':
      return new DomainError(
        TEMPLATE_ERRORS.nameIllegal,
        `The name has 1 to ${MAX_NAME_CHARACTERS} characters; change it.`,
      );
    case 'remark':
      return new DomainError(
        TEMPLATE_ERRORS.remarkTooLong,
        `The remark has at most ${MAX_REMARK_CHARACTERS} characters; shorten it.`,
      );
  }
}
