// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.kubernetes;

import java.util.Arrays;
import java.util.Optional;

/** The kinds of objects that the stand-in serves. */
enum Kind {
  NAMESPACE("Namespace", "", "namespaces"),
  SERVICE("Service", "", "services"),
  POD("Pod", "", "pods"),
  ENDPOINT_SLICE("EndpointSlice", "discovery.k8s.io", "endpointslices");

  private final String title;
  private final String group;
  private final String plural;

  Kind(String title, String group, String plural) {
    this.title = title;
    this.group = group;
    this.plural = plural;
  }

  static Optional<Kind> of(String group, String plural) {
    return Arrays.stream(values())
        .filter(kind -> kind.group.equals(group) && kind.plural.equals(plural))
        .findFirst();
  }

  String title() {
    return title;
  }

  String group() {
    return group;
  }

  String plural() {
    return plural;
  }

  String apiVersion() {
    return group.isEmpty() ? "v1" : group + "/v1";
  }

  /** The name in error messages, such as {@code endpointslices.discovery.k8s.io}. */
  String qualified() {
    return group.isEmpty() ? plural : plural + "." + group;
  }
}
