import { operations } from '@signet/contract';
import { Button } from 'antd';
import { useState } from 'react';
import { addressOf } from '../../api/call.ts';
import type { Review } from '../../api/types.ts';
import { useWords } from '../../words/use-words.ts';
import { useMay } from '../session/session.ts';

/** The files of an application, shown when asked for: each look goes into the audit log. */
export function ReviewFiles({ review: { id, facts } }: { review: Review }) {
  const words = useWords();
  const may = useMay();
  const [shown, setShown] = useState(false);
  const r = words.reviews;
  const count = facts.files ?? 0;
  if (count === 0 || !may(operations.readReviewFile)) return null;
  return (
    <section className="stack-tight" aria-label={r.files}>
      <h3>{r.files}</h3>
      {shown ? (
        <ul className="files">
          {Array.from({ length: count }, (_, position) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a file is named by its place
            <li key={position}>
              <ReviewFile id={id} position={position} />
            </li>
          ))}
        </ul>
      ) : (
        <div className="row">
          <Button onClick={() => setShown(true)}>{r.showFiles(count)}</Button>
          <span className="soft small">{r.filesAudited}</span>
        </div>
      )}
    </section>
  );
}

/** A picture, or where the browser cannot show it as one (a PDF), a link that saves it. */
function ReviewFile({ id, position }: { id: string; position: number }) {
  const words = useWords();
  const [picture, setPicture] = useState(true);
  const r = words.reviews;
  const address = addressOf(operations.readReviewFile.path, { id, position });
  return picture ? (
    <a href={address} target="_blank" rel="noreferrer" aria-label={r.openFile(position + 1)}>
      <img src={address} alt={r.file(position + 1)} onError={() => setPicture(false)} />
    </a>
  ) : (
    <span className="stack-tight">
      <span>{r.notPicture(position + 1)}</span>
      <a href={address} download>
        {r.saveFile(position + 1)}
      </a>
    </span>
  );
}
