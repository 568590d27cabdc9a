/**
 * Whether the area of a warning holds a project, and how near it is named.
 *
 *   shape     the project's coordinates lie in an outline of the warning
 *   district  嘉州市滨水区, or 滨水区 where the city is told: by a name before it, by the issuer, by the headline, by its code
 *   city      嘉州, 嘉州市, 嘉州全市, 嘉州大部
 *   province  江苏省, 江苏全省
 *   country   全国
 *
 * A district alone counts only where its city is certain: 鼓楼区 lies in four cities, and the wrong site warned is the worse
 * error, as it makes the right one unbelievable. A project without district hears what is said of its whole city. The
 * national authority names provinces and rivers; what names no place of ours concerns none of our projects.
 */
import type { AlertShape } from '../../collectors/collector.ts'
import { type Province, provinceNamed, provinceOfCity, shortPlace } from './provinces.ts'

export type Reach = 'shape' | 'district' | 'city' | 'province' | 'country'

export interface AlertArea {
  issuer: string
  headline: string
  areas: readonly { name: string; code?: string | undefined }[]
  shapes: readonly AlertShape[]
}

export interface Site {
  id: number
  city: string
  district: string | null
  longitude: number | null
  latitude: number | null
}

/** The sites within the area. Ready to be asked for many warnings. */
export function createAreaMatcher(
  sites: readonly Site[],
): (alert: AlertArea) => readonly { projectId: number; reach: Reach }[] {
  const known = sites.map((site) => ({
    ...site,
    city: shortPlace(site.city),
    district: site.district === null ? undefined : shortPlace(site.district),
    province: provinceOfCity(site.city),
  }))
  const cities = [...new Set(known.map((site) => site.city))].sort((a, b) => b.length - a.length)
  const citiesOfDistrict = new Map<string, Set<string>>()
  for (const { district, city } of known) {
    if (district !== undefined)
      citiesOfDistrict.set(district, (citiesOfDistrict.get(district) ?? new Set()).add(city))
  }

  return (alert) => {
    const told = placesOf(alert, cities)
    return known.flatMap((site) => {
      const reach = reachOf(site)
      return reach ? [{ projectId: site.id, reach }] : []
    })

    function reachOf(site: (typeof known)[number]): Reach | undefined {
      if (alert.shapes.some((shape) => isWithin(shape, site))) return 'shape'
      let best: Reach | undefined
      for (const place of told) {
        if (place.kind === 'country') best ??= 'country'
        else if (place.kind === 'province') {
          if (place.province.code === site.province?.code) best = best === 'city' ? best : 'province'
        } else if (place.kind === 'city') {
          if (place.city === site.city) best = 'city'
        } else if (place.name === site.district && isInCity(place, site)) return 'district'
      }
      return best
    }

    function isInCity(place: DistrictPlace, site: (typeof known)[number]): boolean {
      if (place.city !== undefined) return place.city === site.city
      // The code tells at least the province.
      if (place.provinceCode !== undefined && site.province && place.provinceCode !== site.province.code)
        return false
      return citiesOfDistrict.get(place.name)?.size === 1
    }
  }
}

interface DistrictPlace {
  kind: 'district'
  name: string
  /** undefined: not told; a city that is none of ours is told by its name. */
  city: string | undefined
  provinceCode: string | undefined
}
type Place =
  | { kind: 'country' }
  | { kind: 'province'; province: Province }
  | { kind: 'city'; city: string }
  | DistrictPlace

/** What stands behind a place when all of it is meant. */
const wholeOf = /(?:全省|全市|全境|全区|大部分?地区|大部|部分地区|地区|境内|各县市区|市区|城区)+$/

function placesOf(alert: AlertArea, cities: readonly string[]): readonly Place[] {
  const around = cityIn(alert.issuer, cities) ?? cityIn(alert.headline, cities)
  let before: string | undefined
  return alert.areas.flatMap(({ name: written, code }): Place[] => {
    const name = written.replace(/\s+/g, '').replace(wholeOf, '')
    if (/^(?:全国|中国)$/.test(written)) return [{ kind: 'country' }]
    if (name === '') return []
    const province = provinceNamed(name)
    if (province) return [{ kind: 'province', province }]
    const rest = withoutProvince(name)
    const city = cities.find((one) => rest.startsWith(one))
    if (city !== undefined) {
      const behind = rest.slice(city.length).replace(/^市/, '')
      before = city
      return behind === '' ? [{ kind: 'city', city }] : [district(behind, city)]
    }
    // «徐州市鼓楼区» of a city without a project of ours is not our 鼓楼区.
    const other = /^(.{2,7}?)市(.+)$/.exec(rest)
    if (other?.[1] !== undefined && other[2] !== undefined) {
      before = other[1]
      return [district(other[2], other[1])]
    }
    if (/市$/.test(rest)) {
      before = shortPlace(rest)
      return [{ kind: 'city', city: before }, district(rest, around)]
    }
    return [district(rest, before ?? around)]

    function district(place: string, of: string | undefined): DistrictPlace {
      return { kind: 'district', name: shortPlace(place), city: of, provinceCode: code?.slice(0, 2) }
    }
  })
}

function cityIn(text: string, cities: readonly string[]): string | undefined {
  const rest = withoutProvince(text)
  return cities.find((city) => rest.startsWith(city)) ?? cities.find((city) => rest.includes(`${city}市`))
}

const withoutProvince = (name: string) =>
  name.replace(/^[\u4e00-\u9fff]{2,3}省(?=.)|^[\u4e00-\u9fff]{2,5}自治区(?=.)/, '')

const EARTH_KM = 6_371

function isWithin(shape: AlertShape, site: Pick<Site, 'longitude' | 'latitude'>): boolean {
  const { longitude, latitude } = site
  if (longitude === null || latitude === null) return false
  if ('points' in shape) return isInPolygon(shape.points, longitude, latitude)
  const [east, north] = shape.centre
  const radians = (degrees: number) => (degrees * Math.PI) / 180
  const half =
    Math.sin(radians(latitude - north) / 2) ** 2 +
    Math.cos(radians(north)) * Math.cos(radians(latitude)) * Math.sin(radians(longitude - east) / 2) ** 2
  return 2 * EARTH_KM * Math.asin(Math.sqrt(half)) <= shape.radiusKm
}

/** Even-odd rule: a ray to the east meets the edge an odd number of times. */
function isInPolygon(points: readonly (readonly [number, number])[], x: number, y: number): boolean {
  let inside = false
  for (const [at, [x1, y1]] of points.entries()) {
    const [x2, y2] = points[(at + 1) % points.length] ?? [x1, y1]
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside
  }
  return inside
}
