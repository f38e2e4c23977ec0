// SPDX-License-Identifier: Apache-2.0
/** Reads plain Kubernetes manifests, strictly: a field that the API does not know is a mistake. */
@NullMarked
package com.trackunit.fabric.samples.deploy.manifest;

import org.jspecify.annotations.NullMarked;
