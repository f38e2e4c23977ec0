// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The forms that values have in the Kubernetes API.
 *
 * @see <a href="https://kubernetes.io/docs/concepts/overview/working-with-objects/names/">Names</a>
 * @see <a href="https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/">
 *     Labels</a>
 * @see <a
 *     href="https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/">Quantity</a>
 */
final class Forms {
  private static final int LAST_PORT = 65535;
  private static final String LABEL = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";
  private static final String SUBDOMAIN = LABEL + "(\\." + LABEL + ")*";
  private static final String NAME_PART = "[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?";
  private static final String LABEL_KEY = "(" + SUBDOMAIN + "/)?" + NAME_PART;
  private static final String PORT_NAME = "(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?";
  private static final Pattern RANGE = Pattern.compile("([0-9]+)\\.\\.([0-9]*)");

  /** With a decimal or binary suffix, or an exponent; ours are never negative. */
  private static final String QUANTITY =
      "([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?";

  private static final Map<String, Predicate<JsonNode>> FORMS =
      Map.ofEntries(
          Map.entry("port", node -> node.asInt() >= 1 && node.asInt() <= LAST_PORT),
          Map.entry("port-name", text(PORT_NAME)),
          Map.entry("port-or-name", Forms::isPortOrName),
          Map.entry("dns-label", text(LABEL)),
          Map.entry("dns-subdomain", text(SUBDOMAIN)),
          Map.entry("host", text("(\\*\\.)?" + SUBDOMAIN)),
          Map.entry("label-key", text(LABEL_KEY)),
          Map.entry("labels", map(LABEL_KEY, "|" + NAME_PART)),
          Map.entry("annotations", map(LABEL_KEY, "(?s).*")),
          Map.entry("resources", map(LABEL_KEY, QUANTITY)),
          Map.entry("data-key", text("[-._a-zA-Z0-9]{1,253}")),
          Map.entry("env-name", text("[-._a-zA-Z][-._a-zA-Z0-9]*")),
          Map.entry("absolute-path", text("/.*")),
          Map.entry("relative-path", text("(?!/)(?!(.*/)?\\.\\.(/|$)).+")),
          Map.entry("pod-field", text("(metadata|spec|status)\\.[a-zA-Z]+(\\['[^']+'\\])?")),
          Map.entry("domain-path", text(SUBDOMAIN + "/[-A-Za-z0-9/._~%!$&'()*+,;=:]+")),
          Map.entry("api-kind", text("[a-zA-Z]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?")),
          Map.entry("capability", text("[A-Z_]+")),
          Map.entry("cidr", text("[0-9.]+/[0-9]{1,2}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*/[0-9]{1,3}")),
          Map.entry(
              "count-or-percent",
              node -> node.isInt() ? node.asInt() >= 0 : node.asText().matches("[0-9]{1,3}%")));

  private Forms() {}

  /**
   * Compares a value with the words of a rule: one form, one range, or all possible values.
   *
   * @return what was expected; empty if the value is right
   */
  static String expected(List<String> words, JsonNode value) {
    if (words.isEmpty()) {
      return "";
    }
    String first = words.get(0);
    Predicate<JsonNode> form = FORMS.get(first);
    Matcher range = RANGE.matcher(first);
    if (form != null) {
      return form.test(value) ? "" : "the form " + first;
    }
    if (range.matches()) {
      String most = range.group(2);
      boolean inside =
          value.asLong() >= Long.parseLong(range.group(1))
              && (most.isEmpty() || value.asLong() <= Long.parseLong(most));
      return inside ? "" : first;
    }
    return words.contains(value.asText()) ? "" : "one of " + words;
  }

  /** Whether this is a name that an object of a kind may have. */
  static boolean isName(String kind, String name) {
    return switch (kind) {
      // They become a label in DNS.
      case "Namespace", "Service" -> name.matches(LABEL);
      case "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding" ->
          name.matches("[^/%]+") && !name.matches("\\.{1,2}");
      default -> name.length() <= 253 && name.matches(SUBDOMAIN);
    };
  }

  private static boolean isPortOrName(JsonNode node) {
    return node.isInt()
        ? node.asInt() >= 1 && node.asInt() <= LAST_PORT
        : node.asText().matches(PORT_NAME);
  }

  private static Predicate<JsonNode> map(String keys, String values) {
    Predicate<String> key = Pattern.compile(keys).asMatchPredicate();
    Predicate<String> value = Pattern.compile(values).asMatchPredicate();
    return node ->
        node.properties().stream()
            .allMatch(entry -> key.test(entry.getKey()) && value.test(entry.getValue().asText()));
  }

  private static Predicate<JsonNode> text(String pattern) {
    Predicate<String> matches = Pattern.compile(pattern).asMatchPredicate();
    return node -> matches.test(node.asText());
  }
}
