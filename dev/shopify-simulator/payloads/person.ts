/**
 * Invented customers. Webhook bodies carry names, addresses and phone numbers, so a receiver that stores or logs more
 * than it needs is caught by a test that looks for them. All mail addresses end in example.com, all phones in 555.
 */
import { SeededRandom } from "../model/seeded-random.ts";

const FIRST_NAMES = ["Amelia", "Noël", "Priya", "Jonas", "Zoë", "Mateo", "Hana", "Olivia", "Kofi", "Søren"];
const LAST_NAMES = ["Okafor", "Tremblay", "Lindqvist", "Nakamura", "O'Brien", "Rossi", "Singh", "Müller"];
const STREETS = ["Maple Street", "Rue Sainte-Catherine", "King Street East", "Wellington Crescent", "Dufferin Road"];
const CITIES = [
  ["Ottawa", "Ontario", "ON", "K1N 9J7"],
  ["Québec", "Quebec", "QC", "G1R 4P5"],
  ["Calgary", "Alberta", "AB", "T2P 1J9"],
  ["Halifax", "Nova Scotia", "NS", "B3H 4R2"],
] as const;

export type Person = {
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly phone: string;
  readonly address1: string;
  readonly city: string;
  readonly province: string;
  readonly provinceCode: string;
  readonly zip: string;
  readonly browserIp: string;
};

/** The same seed always gives the same person. */
export function personOf(seed: number): Person {
  const random = new SeededRandom(seed);
  const firstName = random.pick(FIRST_NAMES);
  const lastName = random.pick(LAST_NAMES);
  const [city, province, provinceCode, zip] = random.pick(CITIES);
  const plain = `${firstName}.${lastName}`.normalize("NFD").replace(/[^a-z.]/gi, "");
  return {
    firstName,
    lastName,
    email: `${plain.toLowerCase()}.${random.between(10, 99)}@example.com`,
    phone: `+1613555${String(random.between(0, 9999)).padStart(4, "0")}`,
    address1: `${random.between(1, 990)} ${random.pick(STREETS)}`,
    city,
    province,
    provinceCode,
    zip,
    browserIp: `203.0.113.${random.between(1, 254)}`,
  };
}

/** The address block that an order carries three times. */
export function addressBlock(person: Person): Record<string, unknown> {
  return {
    first_name: person.firstName,
    address1: person.address1,
    phone: person.phone,
    city: person.city,
    zip: person.zip,
    province: person.province,
    country: "Canada",
    last_name: person.lastName,
    address2: null,
    company: null,
    latitude: null,
    longitude: null,
    name: `${person.firstName} ${person.lastName}`,
    country_code: "CA",
    province_code: person.provinceCode,
  };
}
