import { MAX_MESSAGE_CHARACTERS, segmentText, visibleText } from '@signet/sms-text';
import { useWords } from '../words/use-words.ts';

type Preview = { signName: string; content: string; domestic: boolean; variablesOpen?: boolean };

/** What the phone will show and how many segments it takes, counted as the platform counts. */
export function PhonePreview({ signName, content, domestic, variablesOpen = false }: Preview) {
  const words = useWords();
  const text = content === '' ? '' : signName === '' ? content : visibleText(signName, content);
  const { encoding, count, units } = segmentText(text, { domestic });
  return (
    <section className="handset stack-tight" aria-label={words.preview.label}>
      <h2>{words.send.preview}</h2>
      <div className="screen">
        {text === '' ? <p className="soft">{words.preview.empty}</p> : <div className="bubble">{text}</div>}
      </div>
      <p role="status" aria-live="polite">
        <strong>
          {(encoding === 'gsm7' ? words.preview.septets : words.preview.segments)(
            text === '' ? 0 : count,
            units,
          )}
        </strong>
      </p>
      {text.length > MAX_MESSAGE_CHARACTERS ? <p role="alert">{words.preview.tooLong}</p> : null}
      <p className="soft small">{domestic ? words.preview.ruleDomestic : words.preview.ruleAbroad}</p>
      {variablesOpen ? <p className="soft small">{words.preview.withVariables}</p> : null}
    </section>
  );
}
