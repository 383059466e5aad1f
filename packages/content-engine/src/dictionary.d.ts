declare module 'opencc-js/dict/TSCharacters' {
  /** `traditional simplified|traditional simplified|…` (OpenCC, Apache-2.0). */
  const characters: string;
  export default characters;
}
