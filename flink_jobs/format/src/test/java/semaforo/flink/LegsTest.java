package semaforo.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.List;
import org.apache.flink.table.data.StringData;
import org.junit.jupiter.api.Test;

class LegsTest {
    private final Legs legs = new Legs();

    private Leg leg(String origin, String destination, String carrier) {
        return legs.of(number(origin), number(destination), number(carrier));
    }

    private static int number(String code) {
        return Iata.number(StringData.fromString(code));
    }

    @Test
    void aLegIsMadeOnceAndNeverTakenForAnother() {
        Leg first = leg("JFK", "LAX", "B6");
        assertSame(first, leg("JFK", "LAX", "B6"));
        for (char a = 'A'; a <= 'Z'; a++) {
            for (char b = 'A'; b <= 'Z'; b++) {
                for (String carrier : List.of("B6", "DL", "9E", "00")) {
                    Leg leg = leg("J" + a + b, "L" + b + a, carrier);
                    assertEquals(new Leg("J" + a + b, "L" + b + a, carrier), leg);
                }
            }
        }
        assertEquals(first, leg("JFK", "LAX", "B6"));
        assertNotEquals(first, leg("LAX", "JFK", "B6"));
    }

    @Test
    void whatIsUnsoundIsNoneThoughItsNumbersTogetherAreThoseOfALegThatIsKnown() {
        leg("JFK", "LAX", "B6");
        assertNull(leg("JFK", "LAX", "XB6"));
        assertNull(leg("JFK", "LA", "XB6"));
        assertNull(leg("JFK", "JFK", "B6"));
        assertNull(leg("JF1", "LAX", "B6"));
        assertNull(leg("JFK", "lax", "B6"));
    }

    @Test
    void itsEntitiesAreItsRouteItsAirportsAndItsCarriers() {
        List<Scope> scopes = List.of(Scope.parse("route 1d=1"), Scope.parse("airport 1d=1"), Scope.parse("carrier 1d=1"));
        assertEquals(
                List.of("route JFK-LAX", "airport JFK", "airport LAX", "carrier B6", "carrier DL"),
                new Leg("JFK", "LAX", "B6,DL").keys(scopes).stream().map(key -> key.text).toList());
    }

    @Test
    void codesAreOfTheirForm() {
        for (String bad : List.of("", "JF", "JFKK", "jfk", "J K", "JF1", "ÄBC")) {
            assertFalse(Iata.isAirport(number(bad)), bad);
        }
        for (String bad : List.of("", "B", "b6", "B6 ", "B-")) {
            assertFalse(Iata.isAirline(number(bad)), bad);
        }
    }
}
