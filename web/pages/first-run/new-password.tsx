/** A new password typed twice, with a hint of its strength. Used at first run and in the account. */
import { formatNumber } from '../../format.ts'
import { language } from '../../labels.ts'
import { Input } from '../../parts/field.tsx'
import { type Strength, shortestPassword, strengthOf } from './strength.ts'
import { t } from './words.ts'

const strengthWord = (strength: Strength) =>
  [t.strength0, t.strength1, t.strength2, t.strength3, t.strength4][strength] ?? ''

/** What keeps the pair from being sent, if anything. */
export function passwordTrouble(password: string, again: string): { password?: string; again?: string } {
  if ([...password].length < shortestPassword) {
    return { password: t.passwordShort(formatNumber(shortestPassword, language.value)) }
  }
  return password === again ? {} : { again: t.different }
}

export function NewPassword({
  label = t.password,
  login,
  password,
  again,
  onPassword,
  onAgain,
  trouble,
}: {
  label?: string
  login: string
  password: string
  again: string
  onPassword: (password: string) => void
  onAgain: (again: string) => void
  /** Shown once sending was tried. */
  trouble: { password?: string | undefined; again?: string | undefined }
}) {
  const strength = strengthOf(password, login)
  return (
    <>
      <div class="stack-tight">
        <Input
          label={label}
          name="password"
          type="password"
          autocomplete="new-password"
          required
          maxLength={200}
          value={password}
          onValue={onPassword}
          error={trouble.password}
          hint={t.passwordHint(formatNumber(shortestPassword, language.value))}
        />
        {password !== '' && (
          <div role="status">
            <div class="strength" aria-hidden="true">
              {[1, 2, 3, 4].map((step) => (
                <span key={step} class={step <= strength ? 'strength-on' : undefined} />
              ))}
            </div>
            <p class="field-hint">
              <span class="for-ears">{t.strengthLabel}: </span>
              {strengthWord(strength)}
            </p>
          </div>
        )}
      </div>
      <Input
        label={t.again}
        name="again"
        type="password"
        autocomplete="new-password"
        required
        maxLength={200}
        value={again}
        onValue={onAgain}
        error={trouble.again ?? (again !== '' && !password.startsWith(again) ? t.different : undefined)}
      />
    </>
  )
}
