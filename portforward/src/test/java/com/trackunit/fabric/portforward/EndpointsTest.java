// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPortBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What slices may look like. */
class EndpointsTest {
  @Test
  void thousandsOfSlicesAreRead() {
    List<EndpointSlice> slices =
        IntStream.range(0, 5_000).mapToObj(i -> slice("p" + i, 5672, true)).toList();
    Endpoints endpoints = Endpoints.of(slices, "amqp");
    assertThat(endpoints.ready()).hasSize(5_000);
    assertThat(endpoints.present()).contains("uid-p4999");
  }

  @Test
  void whatCannotBeForwardedToIsLeftOut() {
    List<EndpointSlice> slices =
        List.of(
            new EndpointSliceBuilder().build(),
            new EndpointSliceBuilder(slice("without-ports", 1, true)).withPorts(List.of()).build(),
            slice("port-zero", 0, true),
            slice("port-too-high", 70_000, true),
            slice("not-ready", 5672, false),
            new EndpointSliceBuilder(slice("nameless", 5672, true))
                .editFirstEndpoint()
                .withTargetRef(new ObjectReferenceBuilder().withKind("Pod").build())
                .endEndpoint()
                .build(),
            new EndpointSliceBuilder(slice("a-node", 5672, true))
                .editFirstEndpoint()
                .withTargetRef(new ObjectReferenceBuilder().withKind("Node").withName("n").build())
                .endEndpoint()
                .build(),
            slice("good", 5672, true));
    Endpoints endpoints = Endpoints.of(slices, "amqp");
    assertThat(endpoints.ready()).containsExactly(new Target("good", "uid-good", 5672));
    assertThat(endpoints.present())
        .as("a pod that is not forwarded to still exists")
        .contains("uid-not-ready", "uid-without-ports");
  }

  private static EndpointSlice slice(String pod, int port, boolean ready) {
    return new EndpointSliceBuilder()
        .withNewMetadata()
        .withName("slice-of-" + pod)
        .endMetadata()
        .withPorts(
            new EndpointPortBuilder().withName("amqp").withPort(port).withProtocol("TCP").build())
        .withEndpoints(
            new EndpointBuilder()
                .withNewConditions()
                .withReady(ready)
                .endConditions()
                .withTargetRef(
                    new ObjectReferenceBuilder()
                        .withKind("Pod")
                        .withName(pod)
                        .withUid("uid-" + pod)
                        .build())
                .build())
        .build();
  }
}
