export interface Complainant {
  name?: string | undefined
  phone?: string | undefined
  address?: string | undefined
  unit?: string | undefined
  idNumber?: string | undefined
}

/**
 * The text by which the same person is known in two cases: phone, else ID number, else name with unit or address. A name
 * alone is nobody: two people called 王伟 must not become one. The store turns it into a keyed hash.
 */
export function personIdentity(person: Complainant): string | undefined {
  const phone = normalPhone(person.phone)
  if (phone) return `phone ${phone}`
  const id = tidy(person.idNumber).toUpperCase()
  if (/^(\d{15}|\d{17}[\dX])$/.test(id)) return `id ${id}`
  const name = tidy(person.name)
  const place = tidy(person.unit) || tidy(person.address)
  if (name && place) return `name ${name} ${place}`
}

/** Digits only, without the country's code and without an extension; undefined when it is no telephone number. */
export function normalPhone(phone: string | undefined): string | undefined {
  const digits = tidy(phone)
    .replace(/(转|ext\.?|分机).*$/i, '')
    .replace(/[^\d+]/g, '')
    .replace(/^(\+86|0086|86(?=1[3-9]\d{9}$))/, '')
  return /^\d{7,12}$/.test(digits) ? digits : undefined
}

const tidy = (text: string | undefined) => (text ?? '').normalize('NFKC').replace(/\s+/g, '')
