// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.edge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.trackunit.fabric.samples.deploy.manifest.Manifest;
import com.trackunit.fabric.samples.deploy.manifest.ManifestException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads routes as Kong's ingress controller does (3.5; facts after its translator,
 * Kong/kubernetes-ingress-controller, Apache-2.0): where a route says nothing, it keeps the path
 * and the host; annotations of the route change the route, those of the Service change timeouts and
 * retries.
 */
public final class ControllerForm {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String PREFIX = "konghq.com/";

  /** What is read of a route's annotations; another one would change what is not looked at. */
  private static final Set<String> OF_ROUTES =
      Set.of("protocols", "strip-path", "preserve-host", "plugins");

  /** The same for a Service. */
  private static final Set<String> OF_SERVICES =
      Set.of("protocol", "connect-timeout", "read-timeout", "write-timeout", "retries");

  private final List<Manifest> objects;

  private ControllerForm(List<Manifest> objects) {
    this.objects = objects;
  }

  /**
   * What Kong does by the HTTPRoutes among some objects.
   *
   * @param objects an overlay's
   * @return empty if there are none
   * @throws ManifestException if one has what is not read here
   */
  public static Optional<Edge> gatewayApi(List<Manifest> objects) {
    ControllerForm form = new ControllerForm(objects);
    ArrayNode services = JSON.arrayNode();
    String certificate = "";
    String name = "";
    for (Manifest route : form.ofKind("HTTPRoute")) {
      name = route.id();
      JsonNode listener = form.listener(route);
      certificate =
          route.namespace()
              + "/"
              + listener.path("tls").path("certificateRefs").path(0).path("name").asText();
      for (JsonNode rule : route.tree().path("spec").path("rules")) {
        only(route, rule, Set.of("matches", "backendRefs"));
        services.add(form.gatewayService(route, rule, listener));
      }
    }
    return edge(name, certificate, services);
  }

  /**
   * What Kong does by the Ingresses among some objects.
   *
   * @param objects an overlay's
   * @return empty if there are none
   * @throws ManifestException if one has what is not read here
   */
  public static Optional<Edge> ingress(List<Manifest> objects) {
    ControllerForm form = new ControllerForm(objects);
    ArrayNode services = JSON.arrayNode();
    String certificate = "";
    String name = "";
    for (Manifest ingress : form.ofKind("Ingress")) {
      name = ingress.id();
      JsonNode spec = ingress.tree().path("spec");
      only(ingress, spec, Set.of("ingressClassName", "tls", "rules"));
      certificate =
          ingress.namespace() + "/" + spec.path("tls").path(0).path("secretName").asText();
      for (JsonNode rule : spec.path("rules")) {
        for (JsonNode path : rule.path("http").path("paths")) {
          ObjectNode route = form.route(ingress, Set.of("http", "https"));
          route.putArray("hosts").add(rule.path("host").asText());
          addPaths(route, path.path("pathType").asText(), path.path("path").asText());
          JsonNode backend = path.path("backend").path("service");
          services.add(
              form.service(
                  ingress,
                  backend.path("name").asText(),
                  backend.path("port").path("number"),
                  route));
        }
      }
    }
    return edge(name, certificate, services);
  }

  private ObjectNode gatewayService(Manifest route, JsonNode rule, JsonNode listener) {
    Set<String> protocols =
        listener.path("protocol").asText().equals("HTTPS")
            ? Set.of("https")
            : Set.of("http", "https");
    ObjectNode kong = route(route, protocols);
    kong.set("hosts", route.tree().path("spec").path("hostnames"));
    for (JsonNode match : rule.path("matches")) {
      only(route, match, Set.of("path", "method"));
      addPaths(
          kong,
          match.path("path").path("type").asText(),
          match.path("path").path("value").asText());
      if (match.has("method")) {
        kong.withArray("methods").add(match.path("method").asText());
      }
    }
    JsonNode backends = rule.path("backendRefs");
    if (backends.size() != 1) {
      throw new ManifestException(route + ": " + backends.size() + " backendRefs, expected one");
    }
    JsonNode backend = backends.path(0);
    only(route, backend, Set.of("group", "kind", "name", "port", "weight"));
    if (!backend.path("kind").asText("Service").equals("Service")
        || !backend.path("group").asText().isEmpty()
        || backend.path("weight").asInt(1) < 1) {
      throw new ManifestException(route + ": leads to " + backend + ", expected a Service");
    }
    return service(route, backend.path("name").asText(), backend.path("port"), kong);
  }

  private JsonNode listener(Manifest route) {
    JsonNode parents = route.tree().path("spec").path("parentRefs");
    if (parents.size() != 1) {
      throw new ManifestException(route + ": " + parents.size() + " parentRefs, expected one");
    }
    JsonNode parent = parents.path(0);
    for (Manifest gateway : ofKind("Gateway")) {
      for (JsonNode listener : gateway.tree().path("spec").path("listeners")) {
        if (gateway.name().equals(parent.path("name").asText())
            && listener.path("name").equals(parent.path("sectionName"))) {
          return listener;
        }
      }
    }
    throw new ManifestException(route + ": no Gateway has the listener that it names: " + parent);
  }

  private ObjectNode route(Manifest source, Set<String> protocols) {
    refuseUnknownAnnotations(source, OF_ROUTES);
    ObjectNode route = JSON.objectNode();
    route.put("name", source.name());
    String named = source.annotation(PREFIX + "protocols");
    ArrayNode all = route.putArray("protocols");
    (named.isEmpty() ? protocols : Set.of(named.split(",", -1))).forEach(all::add);
    route.put("strip_path", source.annotation(PREFIX + "strip-path").equals("true"));
    route.put("preserve_host", !source.annotation(PREFIX + "preserve-host").equals("false"));
    ArrayNode plugins = route.putArray("plugins");
    for (String name : source.annotation(PREFIX + "plugins").split(",", -1)) {
      if (!name.isEmpty()) {
        plugins.add(plugin(source, name));
      }
    }
    return route;
  }

  private ObjectNode plugin(Manifest source, String name) {
    JsonNode found =
        ofKind("KongPlugin").stream()
            .filter(one -> one.name().equals(name) && one.namespace().equals(source.namespace()))
            .findFirst()
            .orElseThrow(() -> new ManifestException(source + ": no KongPlugin " + name))
            .tree();
    ObjectNode plugin = JSON.objectNode();
    plugin.put("name", found.path("plugin").asText());
    plugin.put("enabled", !found.path("disabled").asBoolean());
    if (found.has("protocols")) {
      plugin.set("protocols", found.path("protocols"));
    }
    plugin.set("config", found.path("config"));
    return plugin;
  }

  private ObjectNode service(Manifest source, String name, JsonNode port, ObjectNode route) {
    Manifest backend =
        ofKind("Service").stream()
            .filter(one -> one.name().equals(name) && one.namespace().equals(source.namespace()))
            .findFirst()
            .orElseThrow(() -> new ManifestException(source + ": no Service " + name));
    refuseUnknownAnnotations(backend, OF_SERVICES);
    ObjectNode given = JSON.objectNode();
    given.put("name", name);
    String protocol = backend.annotation(PREFIX + "protocol");
    given.put("protocol", protocol.isEmpty() ? "http" : protocol);
    for (String setting : List.of("connect-timeout", "read-timeout", "write-timeout", "retries")) {
      String value = backend.annotation(PREFIX + setting);
      if (!value.isEmpty()) {
        given.put(setting.replace('-', '_'), Integer.parseInt(value));
      }
    }
    given.putArray("routes").add(route);
    ObjectNode service = KongDefaults.service(given);
    service.remove("host");
    service.remove("port");
    service.put("upstream", backend.namespace() + "/" + name + ":" + port.asText());
    return service;
  }

  private static void addPaths(ObjectNode route, String type, String path) {
    ArrayNode paths = route.withArray("paths");
    switch (type) {
      case "Exact" -> paths.add("~" + path + "$");
      case "PathPrefix", "Prefix" -> {
        paths.add("~" + path + "$");
        paths.add(path.endsWith("/") ? path : path + "/");
      }
      case "RegularExpression" -> paths.add("~" + path);
      default -> paths.add(path);
    }
  }

  private static void refuseUnknownAnnotations(Manifest object, Set<String> known) {
    object
        .tree()
        .path("metadata")
        .path("annotations")
        .fieldNames()
        .forEachRemaining(
            key -> {
              if (key.startsWith(PREFIX) && !known.contains(key.substring(PREFIX.length()))) {
                throw new ManifestException(
                    object + ": the annotation " + key + " is not read here");
              }
            });
  }

  private static void only(Manifest object, JsonNode node, Set<String> fields) {
    node.fieldNames()
        .forEachRemaining(
            field -> {
              if (!fields.contains(field)) {
                throw new ManifestException(object + ": " + field + " is not read here");
              }
            });
  }

  private List<Manifest> ofKind(String kind) {
    return objects.stream().filter(object -> object.kind().equals(kind)).toList();
  }

  private static Optional<Edge> edge(String name, String certificate, ArrayNode services) {
    if (services.isEmpty()) {
      return Optional.empty();
    }
    ObjectNode tree = JSON.objectNode();
    tree.put("certificate", certificate);
    tree.set("services", services);
    return Optional.of(new Edge(name, tree));
  }
}
