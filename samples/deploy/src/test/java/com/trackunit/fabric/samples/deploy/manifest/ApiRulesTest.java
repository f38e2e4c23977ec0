// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table of what an API server asks says something about types and fields that there are. */
class ApiRulesTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private final Map<String, Set<String>> fields = new HashMap<>();
  private final Set<JavaType> seen = new HashSet<>();

  @Test
  void everyRuleIsAboutAFieldOfAKnownKind() {
    Kinds.all().forEach(type -> walk(MAPPER.constructType(type)));
    ValueRules.named()
        .forEach(
            (type, names) ->
                assertThat(fields.getOrDefault(type, Set.of())).as(type).containsAll(names));
  }

  @ParameterizedTest
  @CsvSource({
    "v1, Service, a-b, true",
    "v1, Service, a.b, false",
    "v1, Service, -a, false",
    "v1, Namespace, A, false",
    "apps/v1, Deployment, a.b, true",
    "apps/v1, Deployment, a..b, false",
    "rbac.authorization.k8s.io/v1, Role, 'system:x', true",
    "rbac.authorization.k8s.io/v1, Role, a/b, false",
  })
  void namesHaveTheFormOfTheirKind(String version, String kind, String name, boolean isName) {
    assertThat(Forms.isName(kind, name)).as(version + " " + kind).isEqualTo(isName);
  }

  @ParameterizedTest
  @CsvSource({
    "resources, '{cpu: 100m, memory: 1.5Gi}', true",
    "resources, '{memory: 128974848}', true",
    "resources, '{memory: 1e3}', true",
    "resources, '{memory: 128MB}', false",
    "resources, '{memory: -1}', false",
    "labels, '{a.b/c: x_y.Z-1}', true",
    "labels, '{a: \"\"}', true",
    "labels, '{a/b/c: x}', false",
    "labels, '{a: -x}', false",
    "port-name, http-2, true",
    "port-name, 80, false",
    "port-name, a--b, false",
    "port-name, abcdefghijklmnop, false",
    "port-or-name, 65535, true",
    "port-or-name, 65536, false",
    "host, '\"*.example.com\"', true",
    "host, '\"*\"', false",
    "relative-path, a/b, true",
    "relative-path, ../b, false",
    "relative-path, /b, false",
    "relative-path, a..b, true",
    "cidr, 10.0.0.0/8, true",
    "cidr, 10.0.0.0, false",
    "count-or-percent, 25%, true",
    "count-or-percent, -1, false",
    "600..4294967296, 3600, true",
    "600..4294967296, 60, false",
    "0.., 0, true",
    "Always, always, false",
  })
  void valuesHaveTheirForm(String form, String yaml, boolean isRight) {
    String expected = Forms.expected(List.of(form), Manifests.tree("value", yaml));
    assertThat(expected.isEmpty()).as(expected).isEqualTo(isRight);
  }

  private void walk(JavaType type) {
    JavaType item = type;
    while (item.isContainerType()) {
      item = item.getContentType();
    }
    if (!seen.add(item)
        || !(item.getRawClass().getName().contains("kubernetes.api")
            || item.getRawClass().isRecord())) {
      return;
    }
    for (BeanPropertyDefinition property :
        MAPPER.getDeserializationConfig().introspect(item).findProperties()) {
      fields
          .computeIfAbsent(item.getRawClass().getSimpleName(), none -> new HashSet<>())
          .add(property.getName());
      walk(property.getPrimaryType());
    }
  }
}
