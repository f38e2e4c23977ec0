// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.kubernetes;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * What each path answers, in the API server's order: first who calls, then whether they may, then
 * whether it exists. Thread-safe.
 */
final class ApiRoutes {
  static final String SUBPROTOCOL = "v4.channel.k8s.io";
  private static final Duration LONGEST_WATCH = Duration.ofMinutes(30);

  private final Cluster cluster;
  private final Users users;
  private final ThreadFactory threads;
  private final Forward.Gate gate;
  private final Supplier<ForwardFault> faults;

  ApiRoutes(
      Cluster cluster,
      Users users,
      ThreadFactory threads,
      Forward.Gate gate,
      Supplier<ForwardFault> faults) {
    this.cluster = cluster;
    this.users = users;
    this.threads = threads;
    this.gate = gate;
    this.faults = faults;
  }

  /** What a path means. */
  private record Target(Kind kind, ObjectName at, String subresource) {}

  /** Serves one request; true if another one may follow on the connection. */
  boolean serve(ApiConnection connection, ApiRequest request)
      throws IOException, InterruptedException {
    try {
      User user = users.authenticate(request, connection.certificateName());
      Target target = target(request.path());
      boolean isWatch = request.parameter("watch").matches("true|1");
      authorize(user, request, target, isWatch);
      if (target.subresource().equals("portforward")) {
        forward(connection, request, target);
        return false;
      }
      if (!request.method().equals("GET")) {
        throw Refusal.methodNotAllowed();
      }
      if (isWatch) {
        watch(connection, request, target);
        return false;
      }
      connection.answer(200, target.at().name().isEmpty() ? list(request, target) : get(target));
    } catch (Refusal refusal) {
      connection.answer(refusal.code(), refusal.status());
    }
    return true;
  }

  private static Target target(List<String> path) throws Refusal {
    boolean isCore = path.get(0).equals("api");
    List<String> rest = path.subList(Math.min(path.size(), isCore ? 2 : 3), path.size());
    String group = isCore || path.size() < 2 ? "" : path.get(1);
    if (rest.size() >= 3 && rest.get(0).equals("namespaces")) {
      Kind kind = Kind.of(group, rest.get(2)).orElseThrow(Refusal::noSuchPath);
      String name = rest.size() > 3 ? rest.get(3) : "";
      return new Target(
          kind, new ObjectName(rest.get(1), name), rest.size() > 4 ? rest.get(4) : "");
    }
    if (rest.size() == 2 && rest.get(0).equals("namespaces")) {
      return new Target(Kind.NAMESPACE, new ObjectName("", rest.get(1)), "");
    }
    if (rest.size() == 1) {
      Kind kind = Kind.of(group, rest.get(0)).orElseThrow(Refusal::noSuchPath);
      return new Target(kind, new ObjectName("", ""), "");
    }
    throw Refusal.noSuchPath();
  }

  private static void authorize(User user, ApiRequest request, Target target, boolean isWatch)
      throws Refusal {
    List<String> verbs =
        target.subresource().equals("portforward")
            // From Kubernetes 1.35 an upgrade needs create too, whatever its method.
            ? (request.method().equals("GET") ? List.of("get", "create") : List.of("create"))
            : List.of(isWatch ? "watch" : target.at().name().isEmpty() ? "list" : "get");
    boolean isNamespace = target.kind() == Kind.NAMESPACE;
    // A request for a namespace is in that namespace, which is why a Role can allow it.
    String namespace = isNamespace ? target.at().name() : target.at().namespace();
    String resource =
        target.subresource().isEmpty()
            ? target.kind().qualified()
            : target.kind().qualified() + "/" + target.subresource();
    for (String verb : verbs) {
      if (!user.mayDo(namespace, resource, verb)) {
        throw Refusal.forbidden(
            user.name(),
            verb,
            target.kind(),
            target.subresource(),
            new ObjectName(namespace, target.at().name()));
      }
    }
  }

  private Map<String, Object> get(Target target) throws Refusal {
    return cluster
        .store()
        .find(target.kind(), target.at())
        .orElseThrow(() -> Refusal.notFound(target.kind(), target.at().name()));
  }

  private Map<String, Object> list(ApiRequest request, Target target) {
    ObjectStore.Listing listing =
        cluster.store().list(target.kind(), target.at().namespace(), selected(request));
    Map<String, Object> list = new LinkedHashMap<>();
    list.put("kind", target.kind().title() + "List");
    list.put("apiVersion", target.kind().apiVersion());
    list.put("metadata", Map.of("resourceVersion", Long.toString(listing.revision())));
    list.put("items", listing.items());
    return list;
  }

  /** A label selector of equalities, which is what clients send here. */
  private static Predicate<Map<String, Object>> selected(ApiRequest request) {
    String selector = request.parameter("labelSelector");
    String field = request.parameter("fieldSelector");
    List<String[]> wanted = new ArrayList<>();
    for (String part : selector.isEmpty() ? new String[0] : selector.split(",", -1)) {
      wanted.add(part.split("==?", 2));
    }
    return object -> {
      Map<?, ?> metadata = (Map<?, ?>) object.getOrDefault("metadata", Map.of());
      Object labels = metadata.get("labels");
      boolean isNamed =
          !field.startsWith("metadata.name=")
              || field.substring("metadata.name=".length()).equals(metadata.get("name"));
      return isNamed
          && wanted.stream()
              .allMatch(one -> labels instanceof Map<?, ?> map && one[1].equals(map.get(one[0])));
    };
  }

  /** Where watch events go: chunks of an answer, or messages of a WebSocket. */
  private interface Sink {
    void write(byte[] event) throws IOException;
  }

  private void watch(ApiConnection connection, ApiRequest request, Target target)
      throws IOException, Refusal, InterruptedException {
    String from = request.parameter("resourceVersion");
    ObjectStore store = cluster.store();
    if (!from.isEmpty() && !from.equals("0") && !store.remembers(Long.parseLong(from))) {
      throw Refusal.expired(from);
    }
    String seconds = request.parameter("timeoutSeconds");
    Duration limit =
        seconds.isEmpty() ? LONGEST_WATCH : Duration.ofSeconds(Long.parseLong(seconds));
    if (request.isUpgrade()) {
      WebSocketWire wire = connection.upgrade(request, "");
      threads.newThread(() -> readUntilClosed(connection, wire)).start();
      events(request, target, limit, event -> wire.write(WebSocketWire.TEXT, event));
      wire.close(1000);
    } else {
      connection.beginChunks();
      events(request, target, limit, connection::chunk);
      connection.chunk(new byte[0]);
    }
  }

  private void events(ApiRequest request, Target target, Duration limit, Sink sink)
      throws IOException, InterruptedException {
    ObjectStore store = cluster.store();
    String from = request.parameter("resourceVersion");
    long after;
    if (from.isEmpty() || from.equals("0")) {
      ObjectStore.Listing now =
          store.list(target.kind(), target.at().namespace(), selected(request));
      for (Map<String, Object> object : now.items()) {
        sink.write(Json.line(Map.of("type", "ADDED", "object", object)));
      }
      after = now.revision();
    } else {
      after = Long.parseLong(from);
    }
    long end = System.nanoTime() + limit.toNanos();
    while (System.nanoTime() < end && !store.isClosed()) {
      Optional<ObjectStore.Event> next = store.next(after, end - System.nanoTime());
      if (next.isEmpty()) {
        return;
      }
      ObjectStore.Event event = next.get();
      after = event.revision();
      Map<?, ?> metadata = (Map<?, ?>) event.object().getOrDefault("metadata", Map.of());
      String namespace = target.at().namespace();
      if (event.kind() == target.kind()
          && (namespace.isEmpty() || namespace.equals(metadata.get("namespace")))
          && selected(request).test(event.object())) {
        gate.pass();
        sink.write(Json.line(Map.of("type", event.type(), "object", event.object())));
      }
    }
  }

  /** Answers pings and notices the end; when it comes, a write of the watch fails. */
  private static void readUntilClosed(ApiConnection connection, WebSocketWire wire) {
    try {
      while (wire.read() != null) {
        // A watch takes nothing from its client.
      }
    } catch (IOException gone) {
      // Closed below.
    }
    connection.close();
  }

  private void forward(ApiConnection connection, ApiRequest request, Target target)
      throws IOException, Refusal, InterruptedException {
    Pod pod =
        cluster.pod(target.at()).orElseThrow(() -> Refusal.notFound(Kind.POD, target.at().name()));
    if (!request.isUpgrade()) {
      throw Refusal.badRequest("Upgrade request required");
    }
    boolean speaksIt =
        Arrays.stream(request.header("sec-websocket-protocol").split(",", -1))
            .anyMatch(one -> one.strip().equals(SUBPROTOCOL));
    if (!speaksIt) {
      throw Refusal.badRequest("unable to negotiate protocol: expected " + SUBPROTOCOL);
    }
    List<Integer> ports = ports(request);
    ForwardFault fault = faults.get();
    WebSocketWire wire = connection.upgrade(request, fault.subprotocol());
    if (fault == ForwardFault.NONE) {
      new Forward(pod, ports, wire, threads, gate).run();
    } else {
      spoil(fault, wire);
    }
  }

  /** Does wrong, and listens until the client has gone; whoever called ends the connection. */
  private static void spoil(ForwardFault fault, WebSocketWire wire) throws IOException {
    byte[] nonsense = {9, 'n', 'o'};
    switch (fault) {
      case TEXT -> wire.write(WebSocketWire.TEXT, new byte[] {'n', 'o'});
      case UNKNOWN_CHANNEL -> wire.write(WebSocketWire.BINARY, nonsense);
      case EMPTY_MESSAGE -> wire.write(WebSocketWire.BINARY, new byte[0]);
      case RESERVED_OPCODE -> wire.write(WebSocketWire.RESERVED, nonsense);
      case CUT_FRAME -> {
        wire.writeCut(nonsense);
        return;
      }
      case CLOSED -> wire.close(1011);
      default -> {
        // The handshake was wrong already.
      }
    }
    while (wire.read() != null) {
      // Whatever it still says is not answered.
    }
  }

  private static List<Integer> ports(ApiRequest request) throws Refusal {
    List<Integer> ports = new ArrayList<>();
    for (ApiRequest.Parameter parameter : request.query()) {
      if (parameter.name().equals("ports")) {
        for (String one : parameter.value().split(",", -1)) {
          if (!one.matches("[0-9]{1,5}") || Integer.parseInt(one) < 1) {
            throw Refusal.badRequest("unable to parse \"" + one + "\" as a port");
          }
          ports.add(Integer.valueOf(one));
        }
      }
    }
    if (ports.isEmpty()) {
      throw Refusal.badRequest("query parameter \"ports\" is required");
    }
    return ports;
  }
}
