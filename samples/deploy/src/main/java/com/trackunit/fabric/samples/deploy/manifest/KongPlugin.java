// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.manifest;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The fields of Kong's {@code KongPlugin}, after the custom resource definition that Kong publishes
 * (Kong/charts, configuration.konghq.com v1.5.2, Apache-2.0). What is allowed inside {@code config}
 * is the plugin's business.
 */
record KongPlugin(
    String apiVersion,
    String kind,
    ObjectMeta metadata,
    String plugin,
    @Nullable JsonNode config,
    @Nullable JsonNode configFrom,
    @Nullable List<JsonNode> configPatches,
    @Nullable String consumerRef,
    @Nullable Boolean disabled,
    @JsonProperty("instance_name") @Nullable String instanceName,
    @Nullable JsonNode ordering,
    @Nullable List<String> protocols,
    @JsonProperty("run_on") @Nullable String runOn) {}
