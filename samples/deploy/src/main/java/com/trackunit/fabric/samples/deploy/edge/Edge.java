// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.edge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;

/**
 * What Kong does, in the words of its own configuration, with every default filled in. Names of
 * services and routes are left out: they differ between the forms and change nothing.
 *
 * @param form how it was told, for people
 * @param tree {@code certificate} (a secret) and {@code services} with upstream, timeouts and
 *     routes
 */
public record Edge(String form, ObjectNode tree) {
  /** Checks that nothing is missing. */
  public Edge {
    Objects.requireNonNull(form, "form");
    Objects.requireNonNull(tree, "tree");
  }

  /**
   * All routes, each with the service that it leads to.
   *
   * @return pairs
   */
  public List<RouteToService> routes() {
    List<RouteToService> routes = new ArrayList<>();
    for (JsonNode service : tree.path("services")) {
      service.path("routes").forEach(route -> routes.add(new RouteToService(route, service)));
    }
    return routes;
  }

  /**
   * A route and where it leads.
   *
   * @param route hosts, paths, protocols, plugins
   * @param service upstream and timeouts
   */
  public record RouteToService(JsonNode route, JsonNode service) {}

  /**
   * Compares two forms.
   *
   * @param other the one that is right
   * @return a sentence for each difference; empty if both do the same
   */
  public List<String> differencesFrom(Edge other) {
    List<String> sentences = new ArrayList<>();
    compare("", tree, other.tree, other.form, sentences);
    return sentences;
  }

  private static void compare(
      String path, JsonNode one, JsonNode other, String form, List<String> sentences) {
    if (one instanceof ObjectNode && other instanceof ObjectNode) {
      TreeSet<String> fields = new TreeSet<>();
      one.fieldNames().forEachRemaining(fields::add);
      other.fieldNames().forEachRemaining(fields::add);
      for (String field : fields) {
        String child = path.isEmpty() ? field : path + "." + field;
        compare(child, one.path(field), other.path(field), form, sentences);
      }
    } else if (one instanceof ArrayNode
        && other instanceof ArrayNode
        && one.size() == other.size()) {
      for (int i = 0; i < one.size(); i++) {
        compare(path + "[" + i + "]", one.path(i), other.path(i), form, sentences);
      }
    } else if (!one.equals(other)) {
      sentences.add(path + " is " + one + ", and " + other + " in " + form);
    }
  }
}
