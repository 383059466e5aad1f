import { App as AntdApp, ConfigProvider, theme } from 'antd';
import { useEffect, useLayoutEffect, useState } from 'react';
import { configureCalls } from './api/call.ts';
import { useMedia, usePreferences } from './preferences.ts';
import { SessionGate } from './rooms/session/session-gate.tsx';
import { antdTheme, type Mode, paint } from './theme.ts';
import { type Loaded, loadSpeech } from './words/speech.ts';
import { SpeechContext } from './words/use-words.ts';

export function App() {
  const { language, theme: choice } = usePreferences();
  const systemDark = useMedia('(prefers-color-scheme: dark)');
  const mode: Mode = choice === 'auto' ? (systemDark ? 'dark' : 'light') : choice;
  const [speech, setSpeech] = useState<Loaded & { language: typeof language }>();

  useLayoutEffect(() => paint(mode), [mode]);
  useEffect(() => {
    let wanted = true;
    configureCalls({ language });
    loadSpeech(language).then((loaded) => {
      if (!wanted) return;
      document.documentElement.lang = language;
      setSpeech({ ...loaded, language });
    });
    return () => {
      wanted = false;
    };
  }, [language]);

  if (!speech) return null;
  const algorithm = mode === 'dark' ? theme.darkAlgorithm : theme.defaultAlgorithm;
  return (
    <SpeechContext value={speech}>
      <ConfigProvider
        locale={speech.antd}
        theme={{ ...antdTheme(mode), algorithm }}
        button={{ autoInsertSpace: false }}
        wave={{ disabled: true }}
      >
        <AntdApp component={false}>
          <SessionGate />
        </AntdApp>
      </ConfigProvider>
    </SpeechContext>
  );
}
