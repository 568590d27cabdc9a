/** Language and appearance, in the top bar and on the pages for strangers. */
import { language } from '../labels.ts'
import { Icon } from '../parts/icon.tsx'
import { type ThemeChoice, themeChoice, themeChoices } from '../theme.ts'
import { t } from './words.ts'

export function switchLanguage(): void {
  language.value = language.value === 'en' ? 'zh-CN' : 'en'
}

export const themeWord = (choice: ThemeChoice) =>
  ({ system: t.themeSystem, light: t.themeLight, dark: t.themeDark })[choice]

const icons = { system: 'screen', light: 'sun', dark: 'moon' } as const

export function Preferences() {
  const choice = themeChoice.value
  const label = `${t.theme}: ${themeWord(choice)}`
  return (
    <>
      <button
        type="button"
        class="button button-quiet"
        lang={language.value === 'en' ? 'zh-CN' : 'en'}
        onClick={switchLanguage}
      >
        {t.otherLanguage}
      </button>
      <button
        type="button"
        class="button button-icon"
        aria-label={label}
        title={label}
        onClick={() => {
          themeChoice.value =
            themeChoices[(themeChoices.indexOf(choice) + 1) % themeChoices.length] ?? 'system'
        }}
      >
        <Icon name={icons[choice]} />
      </button>
    </>
  )
}
