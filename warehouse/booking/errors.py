"""What goes wrong with the booking system on purpose: shown as it is, exit code 1.

BookingError
├── MissingAccessError  (access) no database or no key is named; exit code 2
├── MigrationError      (migrate) the database was migrated by files other than these
├── FlightsListError    (flights_list) a flights list that is none; exit code 2
├── LoadError           (load) there is something already, or no flight to book
└── EtlError            (etl) another one runs, or what was read before is not what is there
"""


class BookingError(Exception):
    """Root of the expected failures, worded for the person who ran the command."""
