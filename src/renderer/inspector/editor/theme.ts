/** How the text editor looks: the page's tokens, so that light and dark come by themselves. */
import { EditorView } from '@codemirror/view';

/** The nonce that the page's policy asks of a style element; '' where there is no policy. */
export const pageNonce = (): string =>
  document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';

export const editorTheme = EditorView.theme({
  '&': { height: '100%', color: 'var(--ink)', backgroundColor: 'var(--surface-raised)', font: 'var(--t-code)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': {
    font: 'inherit',
    fontFeatureSettings: '"calt" 0, "zero" 0',
    fontVariantLigatures: 'none',
    lineHeight: '18px',
  },
  '.cm-content': { padding: '4px 0', caretColor: 'var(--ink)' },
  '.cm-line': { padding: '0 8px 0 4px' },
  '.cm-gutters': {
    backgroundColor: 'var(--surface-sunken)',
    color: 'var(--ink-3)',
    borderRight: '1px solid var(--line)',
  },
  '.cm-lineNumbers .cm-gutterElement': { minWidth: '20px', padding: '0 4px 0 2px' },
  '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--ink)' },
  '.cm-activeLine': { backgroundColor: 'transparent' },
  '&.cm-focused .cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--neutral-tint) 60%, transparent)' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--act-solid) 26%, transparent)',
  },
  '.cm-gutter-lint': { width: '14px' },
  '.cm-gutter-lint .cm-gutterElement': { padding: '0 0 0 1px' },
  '.cm-lint-marker': { width: '12px', height: '12px', marginTop: '3px' },
  '.cm-lint-marker-error': {
    content: 'none',
    backgroundColor: 'var(--failed-solid)',
    clipPath: 'polygon(50% 0, 100% 50%, 50% 100%, 0 50%)',
  },
  '.cm-lint-marker-warning': { content: 'none', border: '2px solid var(--waiting-solid)', borderRadius: '50%' },
  '.cm-lintRange': { backgroundImage: 'none', paddingBottom: '0' },
  '.cm-lintRange-error': { textDecoration: 'underline wavy var(--failed-solid) 1px', textUnderlineOffset: '3px' },
  '.cm-lintRange-warning': { textDecoration: 'underline wavy var(--waiting-solid) 1px', textUnderlineOffset: '3px' },
  '.cm-lintPoint::after': { borderBottomColor: 'var(--failed-solid)' },
  '.cm-lintPoint-warning::after': { borderBottomColor: 'var(--waiting-solid)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--surface-raised)',
    color: 'var(--ink)',
    border: '1px solid var(--line-strong)',
    borderRadius: 'var(--r2)',
    boxShadow: 'var(--shadow-float)',
    maxWidth: '320px',
  },
  '.cm-diagnostic': { font: 'var(--t-row)', padding: '6px 10px', borderLeft: '0' },
  '.cm-diagnostic-error': { borderLeft: '3px solid var(--failed-solid)' },
  '.cm-diagnostic-warning': { borderLeft: '3px solid var(--waiting-solid)' },
  '.t-comment': { color: 'var(--ink-3)', fontStyle: 'italic' },
  '.t-keyword': { color: 'var(--ink)', fontWeight: '700' },
  '.t-variableName': { color: 'var(--act-text)' },
  '.t-meta, .t-operator, .t-bracket': { color: 'var(--ink-3)' },
  '.t-number': { color: 'var(--ink-2)' },
  '.t-string': { color: 'var(--ink-2)', fontStyle: 'italic' },
});

/**
 * What is typed over a selection goes in by the editor, not by the browser: that one would keep the look of what stood
 * there with a style attribute, which the page's policy forbids.
 */
export const typeOverSelection = EditorView.domEventHandlers({
  beforeinput(event, view) {
    if (
      event.inputType !== 'insertText' ||
      event.data === null ||
      view.composing ||
      view.state.readOnly ||
      view.state.selection.main.empty
    )
      return false;
    view.dispatch(view.state.replaceSelection(event.data), { userEvent: 'input.type', scrollIntoView: true });
    return true;
  },
});
