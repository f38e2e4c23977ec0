// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.kubernetes;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * The objects, their revisions, and what happened to them, which watches read. A small etcd.
 * Thread-safe; objects are maps that nobody changes once they are here.
 */
final class ObjectStore {
  /** What a watch is told; {@code type} as on the wire. */
  record Event(long revision, String type, Kind kind, Map<String, Object> object) {}

  private record Key(Kind kind, String namespace, String name) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      int byKind = kind.compareTo(other.kind);
      int byNamespace = byKind != 0 ? byKind : namespace.compareTo(other.namespace);
      return byNamespace != 0 ? byNamespace : name.compareTo(other.name);
    }
  }

  private final Map<Key, Map<String, Object>> objects = new TreeMap<>();
  private final List<Event> history = new ArrayList<>();
  private long revision = 1_000;
  private long compacted;
  private boolean closed;

  /** A list and the revision at which it was true. */
  record Listing(long revision, List<Map<String, Object>> items) {}

  synchronized Optional<Map<String, Object>> find(Kind kind, ObjectName at) {
    return Optional.ofNullable(objects.get(key(kind, at)));
  }

  /** All of a namespace; of the whole cluster if it is empty. */
  synchronized Listing list(Kind kind, String namespace, Predicate<Map<String, Object>> filter) {
    List<Map<String, Object>> items =
        objects.entrySet().stream()
            .filter(entry -> entry.getKey().kind() == kind)
            .filter(entry -> namespace.isEmpty() || entry.getKey().namespace().equals(namespace))
            .map(Map.Entry::getValue)
            .filter(filter)
            .toList();
    return new Listing(revision, items);
  }

  /** Puts an object, unless it is there already as it is; it gets a new revision. */
  synchronized void put(Kind kind, ObjectName at, Map<String, Object> body) {
    Map<String, Object> before = objects.get(key(kind, at));
    if (before != null && withRevision(body, revisionOf(before)).equals(before)) {
      return;
    }
    revision++;
    Map<String, Object> object = withRevision(body, Long.toString(revision));
    objects.put(key(kind, at), object);
    tell(new Event(revision, before == null ? "ADDED" : "MODIFIED", kind, object));
  }

  synchronized void remove(Kind kind, ObjectName at) {
    Map<String, Object> before = objects.remove(key(kind, at));
    if (before != null) {
      revision++;
      tell(new Event(revision, "DELETED", kind, withRevision(before, Long.toString(revision))));
    }
  }

  /** The first event after a revision, waiting for one; empty after the time or at the end. */
  synchronized Optional<Event> next(long after, long timeoutNanos) throws InterruptedException {
    long end = System.nanoTime() + timeoutNanos;
    while (!closed) {
      Optional<Event> found =
          history.stream().filter(event -> event.revision() > after).findFirst();
      long left = end - System.nanoTime();
      if (found.isPresent() || left <= 0) {
        return found;
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return Optional.empty();
  }

  synchronized long revision() {
    return revision;
  }

  /** Whether a watch can still begin there. */
  synchronized boolean remembers(long from) {
    return from >= compacted;
  }

  /** Forgets what happened so far: watches from before it are answered 410. */
  synchronized void compact() {
    history.clear();
    revision++;
    compacted = revision;
  }

  synchronized boolean isClosed() {
    return closed;
  }

  synchronized void close() {
    closed = true;
    notifyAll();
  }

  private void tell(Event event) {
    history.add(event);
    notifyAll();
  }

  private static Key key(Kind kind, ObjectName at) {
    return new Key(kind, at.namespace(), at.name());
  }

  private static String revisionOf(Map<String, Object> object) {
    return String.valueOf(
        ((Map<?, ?>) object.getOrDefault("metadata", Map.of())).get("resourceVersion"));
  }

  private static Map<String, Object> withRevision(Map<String, Object> object, String revision) {
    Map<String, Object> metadata = new LinkedHashMap<>();
    ((Map<?, ?>) object.getOrDefault("metadata", Map.of()))
        .forEach((name, value) -> metadata.put((String) name, value));
    metadata.put("resourceVersion", revision);
    Map<String, Object> copy = new LinkedHashMap<>(object);
    copy.put("metadata", metadata);
    return copy;
  }
}
