// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.edge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.trackunit.fabric.samples.deploy.manifest.ManifestException;
import com.trackunit.fabric.samples.deploy.manifest.Manifests;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/** Fills in what Kong itself would, and refuses fields that Kong does not have. */
final class KongDefaults {
  private static final JsonNode DEFAULTS = load();

  private KongDefaults() {}

  /** A service without its name, with its routes and plugins filled in as well. */
  static ObjectNode service(JsonNode given) {
    ObjectNode service = fill("service", DEFAULTS.path("service"), given);
    service.set("routes", each(given.path("routes"), KongDefaults::route));
    service.set("plugins", each(given.path("plugins"), KongDefaults::plugin));
    return service;
  }

  private static ObjectNode route(JsonNode given) {
    ObjectNode route = fill("route", DEFAULTS.path("route"), given);
    route.set("plugins", each(given.path("plugins"), KongDefaults::plugin));
    for (String set : List.of("protocols", "hosts", "paths", "methods")) {
      route.set(set, sorted(route.path(set)));
    }
    return route;
  }

  private static ObjectNode plugin(JsonNode given) {
    String name = given.path("name").asText();
    JsonNode known = DEFAULTS.path("plugins").path(name);
    if (known.isMissingNode()) {
      throw new ManifestException("plugin '" + name + "' is not one of those known here");
    }
    ObjectNode plugin = fill("plugin", DEFAULTS.path("plugin"), given);
    plugin.put("name", name);
    plugin.set("config", fill("plugin " + name, known, given.path("config")));
    plugin.set("protocols", sorted(plugin.path("protocols")));
    return plugin;
  }

  private static ObjectNode fill(String what, JsonNode defaults, JsonNode given) {
    given
        .fieldNames()
        .forEachRemaining(
            field -> {
              if (!defaults.has(field)) {
                throw new ManifestException(
                    "Kong: "
                        + what
                        + " '"
                        + given.path("name").asText()
                        + "' has the unknown field "
                        + field);
              }
            });
    ObjectNode filled = JsonNodeFactory.instance.objectNode();
    defaults
        .properties()
        .forEach(
            field -> {
              if (!field.getKey().equals("name")) {
                JsonNode own = given.path(field.getKey());
                filled.set(
                    field.getKey(),
                    own.isMissingNode() || own.isNull() ? field.getValue().deepCopy() : own);
              }
            });
    return filled;
  }

  private static ArrayNode each(JsonNode given, Function<JsonNode, ObjectNode> fill) {
    List<JsonNode> filled = new ArrayList<>();
    given.forEach(item -> filled.add(fill.apply(item)));
    filled.sort(Comparator.comparing(JsonNode::toString));
    return JsonNodeFactory.instance.arrayNode().addAll(filled);
  }

  private static JsonNode sorted(JsonNode set) {
    List<JsonNode> items = new ArrayList<>();
    set.forEach(items::add);
    items.sort(Comparator.comparing(JsonNode::asText));
    return JsonNodeFactory.instance.arrayNode().addAll(items);
  }

  private static JsonNode load() {
    String name = "kong-defaults.yaml";
    try (InputStream stream =
        Objects.requireNonNull(KongDefaults.class.getResourceAsStream(name), name)) {
      return Manifests.tree(name, new String(stream.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
