import { operations } from '@signet/contract';
import { lazy, Suspense, useCallback, useEffect, useState } from 'react';
import { call, configureCalls, type Trouble } from '../../api/call.ts';
import type { User } from '../../api/types.ts';
import { forgetDrafts } from '../../parts/forms.tsx';
import { Loading, ProblemNote } from '../../parts/notes.tsx';
import { ForcedChange } from './password-form.tsx';
import { SignIn } from './sign-in.tsx';

const Shell = lazy(() => import('../../shell.tsx'));

/** Who is signed in decides what is shown: the sign-in, the forced change of a one-time password, or the rooms. */
export function SessionGate() {
  const [user, setUser] = useState<User | null>();
  const [problem, setProblem] = useState<Trouble>();

  const enter = useCallback((next: User | null) => {
    if (next === null) forgetDrafts();
    setUser(next);
  }, []);
  const read = useCallback(async () => {
    setProblem(undefined);
    const outcome = await call(operations.readSession);
    if (outcome.ok) setUser(outcome.answer);
    else if (outcome.problem.code === 'not_signed_in') setUser(null);
    else setProblem(outcome.problem);
  }, []);

  useEffect(() => {
    configureCalls({
      onProblem: ({ code }) => {
        // The drafts stay: the same person signs in again and goes on.
        if (code === 'not_signed_in') setUser(null);
        if (code === 'password_change_required') {
          setUser((before) => (before ? { ...before, mustChangePassword: true } : before));
        }
      },
    });
    read();
  }, [read]);

  if (problem) {
    return (
      <main className="main">
        <ProblemNote problem={problem} retry={read} />
      </main>
    );
  }
  if (user === undefined) return <Loading />;
  if (user === null) return <SignIn onSignedIn={setUser} />;
  if (user.mustChangePassword)
    return <ForcedChange user={user} onChanged={setUser} onLeave={() => enter(null)} />;
  return (
    <Suspense fallback={<Loading />}>
      <Shell user={user} setUser={enter} />
    </Suspense>
  );
}
