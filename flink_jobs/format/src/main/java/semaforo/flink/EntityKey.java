package semaforo.flink;

/** The key of an entity, "route JFK-LAX", in a hash table that many like it share. */
final class EntityKey {
    final String text;

    /** Whether its rows say who flies there. */
    final boolean hasCarriers;

    private final int hash;

    EntityKey(Scope scope, String entity) {
        text = TrailingOperator.key(scope.name(), entity);
        hasCarriers = scope.windowWithCarriers() >= 0;
        hash = Leg.spread(text.hashCode());
    }

    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof EntityKey key && text.equals(key.text);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
