import { shanghaiMonth } from './shanghai.ts'

/** Which counter gives the serial: it restarts every month in every city company (S3-P6.1.3). */
export function serialMonth(receivedAt: Date): string {
  return shanghaiMonth(receivedAt)
}

/** `HZ-202611-0007`; past 9,999 the serial simply grows. A number is given once and never again. */
export function complaintNumber(cityCode: string, month: string, serial: number): string {
  return `${cityCode}-${month}-${String(serial).padStart(4, '0')}`
}
