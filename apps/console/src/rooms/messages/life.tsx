import type { Step } from '../../api/types.ts';
import { CodeText } from '../../parts/copy.tsx';
import { factName, factValue } from '../../parts/fact-words.ts';
import { LOOKS, StatusTag } from '../../parts/status-tag.tsx';
import { Time } from '../../parts/time.tsx';
import { useWords } from '../../words/use-words.ts';

type Fact = Step['facts'][string];

/** The steps of a message with the numbers of docs/life-of-a-message.md, those not reached yet in grey. */
export function Life({ steps }: { steps: readonly Step[] }) {
  const words = useWords();
  const names: Readonly<Record<number, string>> = words.life.names;
  const reached = new Map<number, Step>(steps.map((step) => [step.step, step]));
  const numbers = Object.keys(names).map(Number);
  return (
    <ol className="life" aria-label={words.message.life}>
      {numbers.map((number) => {
        const step = reached.get(number);
        return (
          <li key={number}>
            <span className={`life-number tone-${step ? LOOKS.step[step.outcome].tone : 'quiet'}`}>
              {number}
            </span>
            <div>
              <div className="row row-spread">
                <strong className={step ? undefined : 'soft'}>{names[number]}</strong>
                {step ? (
                  <StatusTag kind="step" state={step.outcome} />
                ) : (
                  <span className="soft small">{words.message.notReached}</span>
                )}
              </div>
              {step?.at ? (
                <div className="small">
                  <Time at={step.at} />
                </div>
              ) : null}
              {step ? <Facts facts={step.facts} /> : null}
            </div>
          </li>
        );
      })}
    </ol>
  );
}

function Facts({ facts }: { facts: Step['facts'] }) {
  const words = useWords();
  const entries = Object.entries(facts);
  if (entries.length === 0) return null;
  return (
    <dl className="facts small" style={{ gap: '0 12px' }}>
      {entries.map(([key, value]) => (
        <div key={key} style={{ display: 'contents' }}>
          <dt>{factName(words, key) ?? <code>{key}</code>}</dt>
          <dd>
            <FactValue name={key} value={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

function FactValue({ name, value }: { name: string; value: Fact }) {
  const words = useWords();
  if (value === null || value === '') return <>{words.common.none}</>;
  if (typeof value === 'boolean') return <>{value ? words.common.yes : words.common.no}</>;
  if (typeof value === 'number') return <>{value}</>;
  if (INSTANT.test(value)) return <Time at={value} />;
  const word = factValue(words, name, value);
  return word === undefined ? <CodeText code={value} /> : word;
}
