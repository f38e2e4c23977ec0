// SPDX-License-Identifier: Apache-2.0
@NullMarked
package com.trackunit.fabric.samples.deploy.manifest;

import org.jspecify.annotations.NullMarked;
